// How long to wait before a server that has ended by itself is started again, and when to stop trying.

/** Waits of 1, 2, 4 and 8 seconds; the fifth end within three minutes is one too many. */
export class Backoff {
  static readonly MAX_ENDS = 5;
  static readonly WINDOW_MS = 180_000;
  readonly #now: () => number;
  #ends: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The server has ended: how many milliseconds to wait, or undefined when it is not to be started again. */
  ended(): number | undefined {
    const now = this.#now();
    this.#ends = [...this.#ends.filter(at => now - at < Backoff.WINDOW_MS), now];
    if (this.#ends.length >= Backoff.MAX_ENDS) return undefined;
    return 1000 * 2 ** (this.#ends.length - 1);
  }

  /** The user wants it: what was before does not count. */
  reset(): void {
    this.#ends = [];
  }
}
