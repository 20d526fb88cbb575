/** The checker must see each broken guarantee: every test breaks one row of a history that holds. */
import { describe, expect, it } from 'vitest';
import { Findings } from '../findings.js';
import type { Rule } from '../findings.js';
import type { Accepted } from '../load/history.js';
import type { Snapshot } from './database.js';
import { checkRows } from './rows.js';

const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));

const job = (number: number) => ({
  id: `job-${number}`,
  type: number === 1 ? 'create' : 'install',
  status: 'completed',
  lane: 'environment-1',
  lane_seq: number,
  environment_id: 'environment-1',
  requested_by: 'person-1',
  error_code: null as string | null,
  error_family: null as string | null,
  created_at: time(number * 10),
  finished_at: time(number * 10 + 5) as Date | null,
});

const claim = (number: number) => ({
  job_id: `job-${number}`,
  epoch: 1,
  worker_id: 'worker-1',
  claimed_at: time(number * 10 + 1),
  ended_at: time(number * 10 + 5) as Date | null,
  end_reason: 'published' as string | null,
  log_closed_at: time(number * 10 + 5) as Date | null,
  log_last_seq: 3,
  stored_last_seq: 3,
});

const revision = (number: number) => ({
  environment_id: 'environment-1',
  number,
  job_id: `job-${number}`,
  published_at: time(number * 10 + 5) as Date | null,
});

interface History {
  rows: Snapshot;
  accepted: Accepted[];
}

function whole(): History {
  const numbers = [1, 2, 3];
  return {
    rows: {
      jobs: numbers.map(job),
      claims: numbers.map(claim),
      environments: [{ id: 'environment-1', status: 'ready', published_revision: 3, deleted_at: null }],
      revisions: numbers.map(revision),
      trees: [],
      audits: numbers.map((number) => ({ action: 'environment.install', job_id: `job-${number}` })),
      knownTrees: [],
    },
    accepted: numbers.map((number) => ({
      jobId: `job-${number}`,
      environmentId: 'environment-1',
      action: 'install',
      at: 0,
    })),
  };
}

function brokenRules(change: (history: History) => void): Rule[] {
  const history = whole();
  change(history);
  const findings = new Findings();
  const clients = { accepted: history.accepted, unknownOutcomes: 0, requesters: new Set(['person-1']) };
  checkRows(history.rows, clients, findings);
  return [...new Set(findings.violations.map(({ rule }) => rule))];
}

it('finds nothing in a history that holds, and has looked at every rule of rows', () => {
  const findings = new Findings();
  const { rows, accepted } = whole();
  checkRows(rows, { accepted, unknownOutcomes: 0, requesters: new Set(['person-1']) }, findings);
  expect(findings.violations).toEqual([]);
  expect([...findings.checks.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

describe('sees', () => {
  it.each<[what: string, rule: Rule, change: (history: History) => void]>([
    ['an accepted job that is not there', 1, ({ accepted }) => void (accepted[0]!.jobId = 'job-9')],
    ['a request that ran twice', 1, ({ accepted }) => void accepted.pop()],
    ['a job without an audit entry', 2, ({ rows }) => void rows.audits.pop()],
    [
      'an audit entry without a job',
      2,
      ({ rows }) => void rows.audits.push({ action: 'x', job_id: 'job-9' }),
    ],
    ['two changes at once', 3, ({ rows }) => void (rows.claims[1]!.claimed_at = time(13))],
    [
      'changes in the wrong order',
      3,
      ({ rows }) => void ((rows.jobs[0]!.lane_seq = 3), (rows.jobs[2]!.lane_seq = 1)),
    ],
    [
      'a claim that never ended',
      3,
      ({ rows }) => void ((rows.claims[0]!.ended_at = null), (rows.jobs[0]!.finished_at = null)),
    ],
    ['a job that stays', 4, ({ rows }) => void (rows.jobs[2]!.status = 'running')],
    [
      'an error that is a bug',
      4,
      ({ rows }) =>
        void ((rows.jobs[1]!.error_code = 'internal_error'), (rows.jobs[1]!.error_family = 'bug')),
    ],
    ['a revision that was skipped', 5, ({ rows }) => void (rows.revisions[2]!.number = 4)],
    ['a completed job without its revision', 5, ({ rows }) => void rows.revisions.pop()],
    [
      'a published revision that the environment does not name',
      5,
      ({ rows }) => void (rows.environments[0]!.published_revision = 2),
    ],
    ['a failed job whose revision is published', 6, ({ rows }) => void (rows.jobs[2]!.status = 'failed')],
    [
      'an environment with a revision that is failed',
      6,
      ({ rows }) => void (rows.environments[0]!.status = 'failed'),
    ],
  ])('%s', (_what, rule, change) => {
    expect(brokenRules(change)).toContain(rule);
  });
});
