import { beforeEach, describe, expect, it } from 'vitest';
import { ErrorLines } from './error-lines.js';

let reported: string[];
let errors: ErrorLines;
beforeEach(() => {
  reported = [];
  errors = new ErrorLines((text) => reported.push(text));
});

describe('error lines', () => {
  it('finds errors among log lines, across chunks, with their cause', () => {
    errors.add(Buffer.from('{"level":30,"msg":"fine"}\n{"level":50,"msg":"dispatch fai'));
    errors.add(Buffer.from('led","err":{"message":"no database"}}\n'));
    expect(reported).toEqual(['dispatch failed: no database']);
    expect(errors.last).toBe('dispatch failed: no database');
  });

  it('finds what PostgreSQL and Valkey complain of', () => {
    errors.add(Buffer.from('2026-01-01 UTC [1] LOG:  ready\n2026-01-01 UTC [1] PANIC:  could not write\n'));
    expect(reported).toEqual(['2026-01-01 UTC [1] PANIC:  could not write']);
  });

  it('keeps plain text for the case that the process ends', () => {
    errors.add(Buffer.from("auth can't start:\nDARB_X is not set"));
    expect(reported).toEqual([]);
    expect(errors.plainText).toBe("auth can't start:\nDARB_X is not set");
  });
});
