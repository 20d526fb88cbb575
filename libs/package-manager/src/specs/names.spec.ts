import { describe, expect, it } from 'vitest';
import { checkEnvironmentName, checkPythonRequest } from './names.js';

describe('names of environments', () => {
  it.each([['myenv'], ['My.Env_1-a'], ['a'], ['1'], ['x'.repeat(63)]])('%s is one', (name) => {
    expect(checkEnvironmentName(name)).toEqual({ ok: true, name });
  });

  it.each([
    [''],
    ['.'],
    ['..'],
    ['../x'],
    ['a/b'],
    ['a\\b'],
    ['-a'],
    ['a-'],
    ['.a'],
    ['a b'],
    ['a\n'],
    ['a\u0000'],
    ['ä'],
    ['a;b'],
    ['$(x)'],
    ['x'.repeat(64)],
    [1],
    [null],
    [undefined],
    [['a']],
  ])('%j is none', (name) => {
    expect(checkEnvironmentName(name)).toMatchObject({
      ok: false,
      errors: [{ code: 'name_invalid', field: 'name' }],
    });
  });
});

describe('requests for a Python', () => {
  it.each([
    ['3.12'],
    ['3.12.1'],
    ['3'],
    ['3.14.0rc1'],
    ['>=3.11,<3.13'],
    ['~=3.11'],
    ['==3.12.*'],
    ['!=3.12.0,>=3.11'],
  ])('%s is one', (text) => {
    expect(checkPythonRequest(text)).toMatchObject({ ok: true, python: { text } });
  });

  it.each([
    [''],
    ['python3.12'],
    ['/usr/bin/python3'],
    ['pypy@3.9'],
    ['3.x'],
    ['3.12.1.1'],
    ['-p 3'],
    ['>=3.11;x'],
    ['>='],
    ['===3'],
    ['latest'],
    ['3.12\n'.concat('x')],
    [3.12],
    [null],
    ['9'.repeat(100)],
  ])('%j is none', (text) => {
    expect(checkPythonRequest(text)).toMatchObject({
      ok: false,
      errors: [{ code: 'python_invalid', field: 'python' }],
    });
  });
});
