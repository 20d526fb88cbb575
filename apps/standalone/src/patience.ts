/** A longer step means that this process stood still: the machine slept, or somebody stopped us. */
const LARGEST_STEP_MS = 6_000;

/**
 * A limit that counts only while we run. After a laptop has slept for the night, everybody still has the time that
 * was left. Ask `isOver` every few seconds at least.
 */
export class Patience {
  private last: number;

  constructor(
    private leftMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.last = now();
  }

  get isOver(): boolean {
    const now = this.now();
    this.leftMs -= Math.min(now - this.last, LARGEST_STEP_MS);
    this.last = now;
    return this.leftMs <= 0;
  }
}
