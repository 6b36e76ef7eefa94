// What changes between the text that is there and the text that is predicted: pure, in UTF-16 units as VS Code counts.

/** One part of a line that goes, and the text that comes in its place. Lines count from the start of the old text. */
export interface Change {
  line: number;
  start: number;
  end: number;
  text: string;
}

/**
 * Line by line what differs. Lines that are new altogether stand with the change of the line before them, each after a
 * "\n"; lines that go altogether are changes of their whole length. `column` is where the old text starts in its line.
 */
export function differences(old: string, fresh: string, column: number): Change[] {
  const [before, after] = [old.split('\n'), fresh.split('\n')];
  // The same lines at both ends need no word.
  let top = 0;
  while (top < before.length && top < after.length && before[top] === after[top]) top++;
  let bottom = 0;
  while (bottom < before.length - top && bottom < after.length - top && before.at(-1 - bottom) === after.at(-1 - bottom)) bottom++;
  const [gone, come] = [before.slice(top, before.length - bottom), after.slice(top, after.length - bottom)];
  const offset = (line: number): number => (line === 0 ? column : 0);
  if (gone.length === 0) {
    if (come.length === 0) return [];
    // New lines between two that stay: shown after the first of them, or before the very first line.
    const line = Math.max(0, top - 1);
    const end = offset(line) + (top === 0 ? 0 : (before[line]?.length ?? 0));
    const text = top === 0 ? come.map(each => `${each}\n`).join('') : come.map(each => `\n${each}`).join('');
    return [{ line, start: end, end, text }];
  }
  const changes = gone.flatMap((line, n): Change[] => {
    const next = come[n] ?? '';
    const [start, endOld, endNew] = inLine(line, next);
    const [at, row] = [offset(top + n), top + n];
    const change = { line: row, start: at + start, end: at + endOld, text: next.slice(start, endNew) };
    const more = n === gone.length - 1 ? come.slice(n + 1) : [];
    const end = at + line.length;
    return more.length ? [change, { line: row, start: end, end, text: more.map(each => `\n${each}`).join('') }] : [change];
  });
  return changes.filter(change => change.start !== change.end || change.text);
}

/** Where two lines part, and where each of them goes on as the other does; never in the midst of a pair of surrogates. */
function inLine(old: string, fresh: string): [start: number, endOld: number, endNew: number] {
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  if (isHigh(old, start - 1)) start--;
  let same = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (same < most && old[old.length - 1 - same] === fresh[fresh.length - 1 - same]) same++;
  if (isHigh(old, old.length - same - 1)) same--;
  return [start, old.length - Math.max(0, same), fresh.length - Math.max(0, same)];
}

function isHigh(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return at >= 0 && unit >= 0xd800 && unit < 0xdc00;
}
