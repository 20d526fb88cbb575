/** Random numbers that come again with the same seed (mulberry32): a run that found something can be repeated. */
export class Random {
  private constructor(private state: number) {}

  /** A sequence of its own for each purpose, so that one more draw in one place changes nothing in another. */
  static of(seed: number, purpose: string): Random {
    let state = seed >>> 0;
    for (const letter of purpose) state = Math.imul(state ^ letter.codePointAt(0)!, 0x01000193) >>> 0;
    return new Random(state);
  }

  /** From 0 (included) to 1 (not included). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number, both ends included. */
  integer(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('There is nothing to pick from.');
    return list[Math.floor(this.next() * list.length)]!;
  }

  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    return choices.at(-1)![1];
  }
}
