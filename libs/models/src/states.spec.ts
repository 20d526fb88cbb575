import { describe, expect, it } from 'vitest';
import {
  COPY_STATES,
  COPY_TRANSITIONS,
  ENVIRONMENT_STATUSES,
  ENVIRONMENT_TRANSITIONS,
  JOB_STATUSES,
  JOB_TRANSITIONS,
  JOB_TYPES,
  environmentStatus,
  isTerminal,
  laneOf,
  mayMove,
  sourcesOf,
  takesTurn,
} from './states.js';
import type { EnvironmentFacts } from './states.js';

const FACTS: EnvironmentFacts = {
  isDeleted: false,
  isDeleting: false,
  isChanging: false,
  isPublished: false,
  hasFailed: false,
};

/** Every combination of facts, whether or not it can be met. */
const ALL_FACTS = Array.from({ length: 32 }, (_, bits) =>
  Object.fromEntries(Object.keys(FACTS).map((fact, index) => [fact, (bits & (1 << index)) !== 0])),
) as unknown as EnvironmentFacts[];

describe('job states', () => {
  it('let nothing leave completed, failed and cancelled', () => {
    expect(JOB_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled']);
  });

  it('reach completed only from running', () => {
    expect(sourcesOf(JOB_TRANSITIONS, 'completed')).toEqual(['running']);
  });

  it('let a job wait again only after it ran', () => {
    expect(sourcesOf(JOB_TRANSITIONS, 'pending')).toEqual(['running']);
  });

  it('let only plan and export run beside a change', () => {
    expect(JOB_TYPES.filter((type) => !takesTurn(type))).toEqual(['plan', 'export']);
  });
});

describe('environment states', () => {
  it('never make a working environment failed', () => {
    expect(ENVIRONMENT_TRANSITIONS.ready).not.toContain('failed');
    expect(ENVIRONMENT_TRANSITIONS.updating).not.toContain('failed');
  });

  it('let every living environment be deleted', () => {
    expect(sourcesOf(ENVIRONMENT_TRANSITIONS, 'deleting')).toEqual([
      'pending',
      'creating',
      'ready',
      'updating',
      'failed',
    ]);
  });

  it('let nothing leave deleted, and reach it only while deleting', () => {
    expect(ENVIRONMENT_TRANSITIONS.deleted).toEqual([]);
    expect(sourcesOf(ENVIRONMENT_TRANSITIONS, 'deleted')).toEqual(['deleting']);
  });
});

describe('the status of an environment', () => {
  it('is failed never when a revision was published', () => {
    const statuses = ALL_FACTS.filter((facts) => facts.isPublished).map(environmentStatus);
    expect([...new Set(statuses)].sort()).toEqual(['deleted', 'deleting', 'ready', 'updating']);
  });

  it('is deleted whatever else is true once the environment is gone', () => {
    const statuses = ALL_FACTS.filter((facts) => facts.isDeleted).map(environmentStatus);
    expect([...new Set(statuses)]).toEqual(['deleted']);
  });

  it('can be each of the known ones, and no other', () => {
    const statuses = new Set(ALL_FACTS.map(environmentStatus));
    expect([...statuses].sort()).toEqual([...ENVIRONMENT_STATUSES].sort());
  });

  it.each([
    ['pending', {}],
    ['creating', { isChanging: true }],
    ['creating', { isChanging: true, hasFailed: true }],
    ['failed', { hasFailed: true }],
    ['ready', { isPublished: true }],
    ['ready', { isPublished: true, hasFailed: true }],
    ['updating', { isPublished: true, isChanging: true }],
    ['deleting', { isPublished: true, isChanging: true, isDeleting: true }],
    ['deleting', { isDeleting: true, hasFailed: true }],
  ] as const)('is %s with %j', (status, facts) => {
    expect(environmentStatus({ ...FACTS, ...facts })).toBe(status);
  });
});

describe('states of copies', () => {
  it('let a damaged copy never become ready again', () => {
    expect(sourcesOf(COPY_TRANSITIONS, 'ready')).toEqual(['building']);
  });

  it('let every copy be deleted', () => {
    const alive = COPY_STATES.filter((state) => state !== 'deleting' && state !== 'deleted');
    expect(sourcesOf(COPY_TRANSITIONS, 'deleting')).toEqual(alive);
  });
});

describe('tables of moves', () => {
  it('take staying for no move', () => {
    expect(mayMove(JOB_TRANSITIONS, 'failed', 'failed')).toBe(true);
    expect(mayMove(JOB_TRANSITIONS, 'failed', 'running')).toBe(false);
    expect(mayMove(JOB_TRANSITIONS, 'pending', 'completed')).toBe(false);
  });

  it('know no state that is not in their list', () => {
    for (const [states, table] of [
      [JOB_STATUSES, JOB_TRANSITIONS],
      [ENVIRONMENT_STATUSES, ENVIRONMENT_TRANSITIONS],
      [COPY_STATES, COPY_TRANSITIONS],
    ] as const) {
      const known: readonly string[] = states;
      expect(Object.keys(table).sort()).toEqual([...known].sort());
      expect(known).toEqual(expect.arrayContaining(Object.values(table).flat()));
    }
  });
});

it('calls a lane after its subject', () => {
  expect(laneOf({ type: 'environment', id: 'a' })).toBe('environment:a');
  expect(laneOf({ type: 'store', id: 'b' })).toBe('store:b');
});
