import { describe, expect, it } from 'vitest';
import type { RetryQuestion } from './retry.js';
import { isConnectionError, retryDelayMs } from './retry.js';

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const broken = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
const timeout = Object.assign(new Error('headers'), { code: 'UND_ERR_HEADERS_TIMEOUT' });

function ask(change: Partial<RetryQuestion>): number | null {
  return retryDelayMs({
    error: refused,
    method: 'GET',
    hasIdempotencyKey: false,
    isReplayable: true,
    attempt: 0,
    elapsedMs: 0,
    budgetMs: 5_000,
    ...change,
  });
}

describe('retryDelayMs', () => {
  it('repeats what the service has not seen, whatever the method', () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) expect(ask({ method })).toBeGreaterThan(0);
  });

  it('repeats a broken connection only where twice is the same as once', () => {
    expect(ask({ error: broken })).toBeGreaterThan(0);
    expect(ask({ error: broken, method: 'HEAD' })).toBeGreaterThan(0);
    expect(ask({ error: broken, method: 'POST', hasIdempotencyKey: true })).toBeGreaterThan(0);
    expect(ask({ error: broken, method: 'POST' })).toBeNull();
    expect(ask({ error: broken, method: 'DELETE', hasIdempotencyKey: true })).toBeNull();
  });

  it('never repeats a body that is gone, a timeout, or anything else', () => {
    expect(ask({ isReplayable: false })).toBeNull();
    expect(ask({ error: timeout })).toBeNull();
    expect(ask({ error: new Error('?') })).toBeNull();
  });

  it('waits longer each time, up to a second, and never past its budget', () => {
    expect(ask({ attempt: 0 })).toBeLessThan(70);
    expect(ask({ attempt: 3 })).toBeGreaterThan(250);
    expect(ask({ attempt: 30 })).toBeLessThanOrEqual(1_250);
    expect(ask({ elapsedMs: 4_990 })).toBeNull();
    expect(ask({ budgetMs: 0 })).toBeNull();
  });

  it('looks into an error that has one for each address that was tried', () => {
    expect(isConnectionError(new AggregateError([refused]))).toBe(true);
    expect(isConnectionError(timeout)).toBe(false);
  });
});
