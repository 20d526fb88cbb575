import { describe, expect, it } from 'vitest';
import type { InterpreterReport } from '@darb/models';
import { chooseInterpreter, type InterpreterWish } from './interpreters.js';

const python = (version: string, folder = '/usr/bin'): InterpreterReport => ({
  implementation: 'cpython',
  version,
  abi: null,
  path: `${folder}/python${version}`,
});
/** Newest first, as `findInterpreters` gives them; previews behind releases. */
const HERE = [
  python('3.13.0'),
  python('3.12.7'),
  python('3.12.1', '/opt'),
  python('3.11.2'),
  python('3.14.0rc1'),
];

const choose = (wish: Partial<InterpreterWish>) =>
  chooseInterpreter(HERE, { request: null, requiresPython: null, current: null, ...wish }).version;

describe('the Python of an environment', () => {
  it.each<[string, Partial<InterpreterWish>, string]>([
    ['nothing: the newest release', {}, '3.13.0'],
    ['a minor', { request: '3.12' }, '3.12.7'],
    ['a patch', { request: '3.12.1' }, '3.12.1'],
    ['a range', { request: '>=3.11,<3.13' }, '3.12.7'],
    ['only the manifest', { requiresPython: '<3.12' }, '3.11.2'],
    ['a preview, by name', { request: '3.14' }, '3.14.0rc1'],
    ['what it has', { current: { version: '3.12.1', home: '/opt' } }, '3.12.1'],
    ['what it has, with its minor elsewhere', { current: { version: '3.12.3', home: '/gone' } }, '3.12.7'],
    [
      'what it has, against a new request',
      { request: '3.13', current: { version: '3.12.1', home: '/opt' } },
      '3.13.0',
    ],
    ['what it had, which is gone', { current: { version: '3.10.1', home: '/gone' } }, '3.13.0'],
  ])('for %s', (_name, wish, expected) => {
    expect(choose(wish)).toBe(expected);
  });

  it('that is not there is said with what is', () => {
    expect(() => choose({ request: '3.10' })).toThrow(
      /Python 3\.10 is not available\. This worker has 3\.13\.0, 3\.12\.7/,
    );
    expect(() => choose({ request: '3.11', requiresPython: '>=3.12' })).toThrow(
      /3\.11 with requires-python >=3\.12/,
    );
    expect(() => chooseInterpreter([], { request: null, requiresPython: null, current: null })).toThrow(
      /no Python at all/,
    );
  });
});
