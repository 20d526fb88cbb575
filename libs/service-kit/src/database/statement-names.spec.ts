import { describe, expect, it } from 'vitest';
import { StatementNames } from './statement-names.js';

const used = (names: StatementNames, text: string, times = 2) =>
  Array.from({ length: times }, () => names.nameOf(text)).at(-1);

describe('the names of prepared statements', () => {
  it('are given to what is sent again, the same in every process', () => {
    const names = new StatementNames();
    expect(names.nameOf('SELECT 1')).toBeUndefined();
    expect(names.nameOf('SELECT 1')).toMatch(/^darb_[0-9a-f]{24}_0$/);
    expect(used(names, 'SELECT 1')).toBe(used(new StatementNames(), 'SELECT 1'));
    expect(used(names, 'SELECT 2')).not.toBe(used(names, 'SELECT 1'));
  });

  it('are not given to what has no plan', () => {
    for (const text of ['START TRANSACTION', 'NOTIFY darb_jobs', 'SET LOCAL x = 1', '']) {
      expect(used(new StatementNames(), text, 5)).toBeUndefined();
    }
  });

  it('are not given to texts made for one request, however many, and never to more than a connection can keep', () => {
    const names = new StatementNames();
    for (let index = 0; index < 5_000; index += 1) names.nameOf(`SELECT ${index} FROM once`);
    expect(used(names, 'SELECT of the code')).toBeDefined();
    const given = Array.from({ length: 5_000 }, (_, index) => used(names, `SELECT ${index} FROM twice`));
    expect(new Set(given.filter(Boolean)).size).toBe(299);
    expect(names.nameOf('SELECT of the code')).toBeDefined();
  });

  it('are others after a renewal, which many connections ask for but only one causes', () => {
    const names = new StatementNames();
    const first = used(names, 'SELECT 1')!;
    names.renew(first);
    const second = used(names, 'SELECT 1')!;
    names.renew(first);
    expect(second).not.toBe(first);
    expect(names.nameOf('SELECT 1')).toBe(second);
  });
});
