import { describe, expect, it } from 'vitest';
import {
  ENVIRONMENT_TRANSITIONS,
  JOB_STATUSES,
  JOB_TRANSITIONS,
  changesEnvironment,
  isTerminal,
  sourcesOf,
} from './states.js';

describe('job states', () => {
  it('let nothing leave completed, failed and cancelled', () => {
    expect(JOB_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled']);
  });

  it('reach completed only from running', () => {
    expect(sourcesOf(JOB_TRANSITIONS, 'completed')).toEqual(['running']);
  });

  it('let only plan and export run beside a change', () => {
    expect(changesEnvironment('plan')).toBe(false);
    expect(changesEnvironment('export')).toBe(false);
    expect(changesEnvironment('delete')).toBe(true);
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
});
