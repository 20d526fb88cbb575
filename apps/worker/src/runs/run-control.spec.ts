import { describe, expect, it } from 'vitest';
import { failed } from './finish-request.js';
import { RunControl } from './run-control.js';

describe('RunControl', () => {
  it('keeps the first reason, but a dead epoch outranks all', () => {
    const control = new RunControl();
    control.stop({ kind: 'timeout', seconds: 3 });
    control.stop({ kind: 'cancel', code: null });
    expect(control.reason?.kind).toBe('timeout');
    expect(control.epochOver.aborted).toBe(false);
    control.stop({ kind: 'stale' });
    expect(control.reason?.kind).toBe('stale');
    expect(control.epochOver.aborted).toBe(true);
    expect(() => control.throwIfStopped()).toThrow(/stale/);
  });

  it('lets go of work that heeds no signal', async () => {
    const control = new RunControl();
    expect(await control.unlessStopped(Promise.resolve(1))).toBe(1);
    let fail: (error: Error) => void = () => undefined;
    const endless = new Promise<never>((_, reject) => (fail = reject));
    const left = control.unlessStopped(endless);
    control.stop({ kind: 'release' });
    await expect(left).rejects.toThrow(/release/);
    fail(new Error('the tree is gone'));
    await expect(control.unlessStopped(new Promise(() => undefined))).rejects.toThrow(/release/);
  });

  it('explains the end of a run by why it was stopped, not by the error that this caused', () => {
    const classify = () => ({ code: 'killed', family: 'operational' as const, message: 'x', extract: null });
    expect(failed({ kind: 'cancel', code: 'idle_timeout' }, classify)).toMatchObject({
      outcome: 'cancelled',
      error: { code: 'idle_timeout' },
    });
    expect(failed({ kind: 'timeout', seconds: 3 }, classify).error).toMatchObject({ code: 'timeout' });
    expect(failed(null, classify).error?.code).toBe('killed');
  });
});
