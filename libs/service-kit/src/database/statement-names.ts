import { createHash } from 'node:crypto';

/** Only these can be prepared in one piece; everything else (START TRANSACTION, NOTIFY, SET) has no plan to save. */
const PLANNED = /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/i;
/** Each connection keeps each name that it used, a few kilobytes of plan in the server and a copy of the text here. */
const MOST_NAMES = 300;
const LONGEST_TEXT = 20_000;
/** A text that is sent this often is a statement of the code, not one made up for one request. */
const USES_BEFORE_NAME = 2;
const MOST_CANDIDATES = 1_000;

/** Which statements are prepared, and under which name: one list for all connections of a process. */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private readonly candidates = new Map<string, number>();
  private generation = 0;

  /** The name under which a text is prepared; undefined for what is planned anew each time. */
  nameOf(text: string): string | undefined {
    return this.names.get(text) ?? this.consider(text);
  }

  /**
   * After a migration a prepared statement may return other columns than it was prepared with, and never works again
   * on that connection. With other names each connection prepares all of them once more.
   */
  renew(failedName: string): void {
    // Ten connections that learn it at the same time renew once.
    if (!failedName.endsWith(this.suffix())) return;
    this.generation += 1;
    this.names.clear();
    this.candidates.clear();
  }

  private consider(text: string): string | undefined {
    if (this.names.size >= MOST_NAMES || text.length > LONGEST_TEXT || !PLANNED.test(text)) return undefined;
    const uses = (this.candidates.get(text) ?? 0) + 1;
    this.candidates.delete(text);
    if (uses < USES_BEFORE_NAME) {
      this.candidates.set(text, uses);
      // Insertion order is the order of last use: the oldest goes first.
      const [oldest] = this.candidates.keys();
      if (this.candidates.size > MOST_CANDIDATES && oldest !== undefined) this.candidates.delete(oldest);
      return undefined;
    }
    const name = `darb_${createHash('sha256').update(text).digest('hex').slice(0, 24)}${this.suffix()}`;
    this.names.set(text, name);
    return name;
  }

  private suffix(): string {
    return `_${this.generation}`;
  }
}
