// Versions as PEP 440 writes releases, compared number by number.

/** Negative, zero or positive, as `one` is older than, as old as, or newer than `other`. A pre-release is older. */
export function compare(one: string, other: string): number {
  const [left, right] = [parts(one), parts(other)];
  for (let n = 0; n < Math.max(left.numbers.length, right.numbers.length); n++) {
    const difference = (left.numbers[n] ?? 0) - (right.numbers[n] ?? 0);
    if (difference) return difference;
  }
  return Number(left.isFinal) - Number(right.isFinal);
}

/** The version in the name of a wheel, `name-version-…whl`. */
export function ofWheel(file: string): string | undefined {
  return /^[^-]+-([^-]+)-.*\.whl$/.exec(file)?.[1];
}

function parts(version: string): { numbers: number[]; isFinal: boolean } {
  const [, release = '', rest = ''] = /^\s*v?(\d+(?:\.\d+)*)(.*)$/.exec(version) ?? [];
  return { numbers: release.split('.').map(Number), isFinal: !/^[.\-_]?(a|b|rc|dev)/i.test(rest) };
}
