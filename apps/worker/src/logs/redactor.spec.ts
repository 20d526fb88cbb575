import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';

describe('no credential reaches a log', () => {
  const redactor = new Redactor(['hunter22', 'p@ss w/rd', 'abc']);

  it.each([
    ['GET https://bob:pw@host/simple', 'GET https://***@host/simple'],
    ['https://token@host', 'https://***@host'],
    ['https://host/a@b', 'https://host/a@b'],
    ['https://conda.example/t/ab-12/channel', 'https://conda.example/t/***/channel'],
    ['"https://conda.example/t/ab-12"', '"https://conda.example/t/***"'],
    ['password hunter22!', 'password ***!'],
    ['x p%40ss%20w%2Frd y p@ss w/rd', 'x *** y ***'],
    ['a short secret would blank words: abc', 'a short secret would blank words: abc'],
    ['plain text, me@example.org', 'plain text, me@example.org'],
  ])('%s', (text, expected) => {
    expect(redactor.redact(text)).toBe(expected);
  });
});
