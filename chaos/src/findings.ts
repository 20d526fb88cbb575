/** What was checked and what was found to be broken. Numbers are those of the guarantees in docs/guarantees. */
export const RULES = {
  1: 'an accepted request is a row, and its job ends',
  2: 'job and audit entry come together',
  3: 'changes of an environment run one after the other, in order',
  4: 'no job stays, and what is over does not change',
  5: 'no revision is published twice or skipped; `current` is the published one',
  6: 'what worked keeps working when a change fails',
  7: 'logs are complete, and the same for every reader',
  8: 'nothing is left behind: processes, scratch folders, trees',
  answers: 'no 500, no wrong 401, every 503 says when to try again',
  processes: 'no service ends by itself',
} as const;
export type Rule = keyof typeof RULES;

export interface Violation {
  rule: Rule;
  text: string;
  at: string;
  facts?: unknown;
}

export class Findings {
  readonly violations: Violation[] = [];
  readonly checks = new Map<Rule, number>();
  /** What did not hold and had not to, because of two faults at once that nothing can stand. */
  readonly excused: string[] = [];
  private readonly seen = new Set<string>();

  constructor(private readonly onViolation: (violation: Violation) => void = () => undefined) {}

  /** Counts what was looked at: a check that looked at nothing has proved nothing. */
  checked(rule: Rule, count = 1): void {
    this.checks.set(rule, (this.checks.get(rule) ?? 0) + count);
  }

  /** The same sentence counts once. */
  violate(rule: Rule, text: string, facts?: unknown): void {
    if (this.seen.has(`${rule} ${text}`)) return;
    this.seen.add(`${rule} ${text}`);
    const violation = { rule, text, at: new Date().toISOString(), ...(facts === undefined ? {} : { facts }) };
    this.violations.push(violation);
    this.onViolation(violation);
  }

  /** Counts one check, and a violation unless it holds. */
  expect(rule: Rule, holds: boolean, text: string, facts?: unknown): void {
    this.checked(rule);
    if (!holds) this.violate(rule, text, facts);
  }
}
