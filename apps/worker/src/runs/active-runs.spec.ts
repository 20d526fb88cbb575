import { describe, expect, it } from 'vitest';
import { ActiveRuns } from './active-runs.js';
import type { JobRun } from './job-run.js';
import { RunControl } from './run-control.js';

function run(id: string, epoch: number): JobRun {
  return { order: { job_id: id }, epoch, progress: null, control: new RunControl() } as unknown as JobRun;
}

const signal = (id: string, epoch: number, change: object = {}) => ({
  id,
  epoch,
  cancel: false,
  cancel_code: null,
  stale: false,
  ...change,
});

describe('ActiveRuns', () => {
  it('tells two epochs of one job apart, in whatever order jobs answers', () => {
    const runs = new ActiveRuns();
    const [other, old, fresh] = [run('b', 1), run('a', 1), run('a', 2)];
    for (const each of [other, old, fresh]) runs.add(each);
    runs.obey([signal('a', 2), signal('a', 1, { stale: true }), signal('b', 1, { cancel: true })]);
    expect(old.control.reason?.kind).toBe('stale');
    expect(fresh.control.reason).toBeNull();
    expect(other.control.reason).toEqual({ kind: 'cancel', code: null });
  });

  it('leaves alone a run that began after the report', () => {
    const runs = new ActiveRuns();
    const later = run('a', 1);
    runs.add(later);
    runs.obey([]);
    expect(later.control.reason).toBeNull();
  });

  it('is idle when the last run has gone', async () => {
    const runs = new ActiveRuns();
    await runs.idle();
    const only = run('a', 1);
    runs.add(only);
    const idle = runs.idle();
    runs.remove(only);
    await idle;
    expect(runs.count).toBe(0);
  });
});
