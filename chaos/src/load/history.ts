/** What clients saw: every answer, and every status in the order in which it was seen. */
import type { Findings } from '../findings.js';

export const TERMINAL = ['completed', 'failed', 'cancelled'];

/** A change that was accepted with a 2xx. */
export interface Accepted {
  jobId: string;
  environmentId: string;
  action: string;
  at: number;
}

export interface JobView {
  id: string;
  status: string;
  environment_id: string | null;
  attempt?: number;
}

export interface EnvironmentView {
  id: string;
  name: string;
  status: string;
  revision: number | null;
}

interface Seen<T> {
  value: T;
  /** When the answer had arrived. */
  at: number;
}

export class History {
  readonly accepted: Accepted[] = [];
  /** Jobs of requests whose answer nobody got to know; each may have made one job that no client knows. */
  unknownOutcomes = 0;
  readonly answers = new Map<string, number>();
  private readonly terminal = new Map<string, Seen<string>>();
  private readonly revisions = new Map<string, Seen<number>>();

  constructor(private readonly findings: Findings) {}

  count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  /** `askedAt`: only what was asked after an earlier answer had arrived must be at least as new. */
  sawJob(job: JobView, askedAt: number): void {
    const before = this.terminal.get(job.id);
    if (before && before.at <= askedAt) {
      this.findings.expect(
        4,
        before.value === job.status,
        `Job ${job.id} was ${before.value}, later it is ${job.status}.`,
      );
    } else if (!before && TERMINAL.includes(job.status)) {
      this.terminal.set(job.id, { value: job.status, at: Date.now() });
    }
  }

  sawEnvironment(environment: EnvironmentView, askedAt: number): void {
    const { id, revision } = environment;
    this.findings.expect(
      6,
      revision === null || environment.status !== 'failed',
      `Environment ${id} has revision ${revision} and is failed.`,
    );
    const before = this.revisions.get(id);
    const isLater = before !== undefined && before.at <= askedAt;
    if (isLater) {
      const text = `Environment ${id} had revision ${before.value}, later it has ${revision}.`;
      this.findings.expect(5, revision !== null && revision >= before.value, text);
    }
    if (revision !== null && (!before || revision > before.value)) {
      this.revisions.set(id, { value: revision, at: Date.now() });
    }
  }
}
