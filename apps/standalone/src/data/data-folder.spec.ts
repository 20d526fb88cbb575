import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseFolder, prepareFolder } from './data-folder.js';

let place: string;
let checkout: string;

beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'darb-folder-'));
  checkout = path.join(place, 'checkout');
  mkdirSync(checkout);
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const choose = (data: string | undefined, env = {}, isRoot = false) =>
  chooseFolder({ data, env, isRoot, checkout });

describe('the place of the data folder', () => {
  it.each([
    [{ HOME: '/home/ada' }, false, '/home/ada/.local/share/darb'],
    [{ HOME: '/home/ada', XDG_DATA_HOME: '/big/data' }, false, '/big/data/darb'],
    [{ HOME: '/home/ada', XDG_DATA_HOME: 'relative' }, false, '/home/ada/.local/share/darb'],
    [{ HOME: '/root', XDG_DATA_HOME: '/big/data' }, true, '/var/lib/darb'],
  ])('with %j, root %s, is %s', (env, isRoot, expected) => {
    expect(choose(undefined, env, isRoot)).toBe(expected);
  });

  it('is never inside the checkout, not even through a link', () => {
    symlinkSync(checkout, path.join(place, 'link'));
    expect(() => choose(path.join(checkout, 'data'))).toThrow(/lies inside Darb's own folder/);
    expect(() => choose(path.join(place, 'link', 'data'))).toThrow(/lies inside Darb's own folder/);
    expect(choose(`${checkout}-data`)).toBe(`${checkout}-data`);
  });

  it('has a path short enough for what is installed in it', () => {
    expect(() => choose(`/tmp/${'x'.repeat(96)}`)).toThrow(
      /has 101 characters; installed packages allow 100/,
    );
    expect(choose(`/tmp/${'x'.repeat(95)}`)).toHaveLength(100);
  });
});

describe('preparing the data folder', () => {
  it('accepts a new one, an empty one, and its own again with the same instance', () => {
    const fresh = prepareFolder(path.join(place, 'new', 'deep'), 18);
    const empty = path.join(place, 'empty');
    mkdirSync(path.join(empty, 'lost+found'), { recursive: true });
    const first = prepareFolder(empty, 18);
    expect(prepareFolder(empty, 18)).toEqual(first);
    expect(first.instance).not.toBe(fresh.instance);
    expect(first.postgres).toBe(path.join(empty, 'postgres-18'));
    expect(statSync(first.secrets).mode & 0o777).toBe(0o700);
  });

  it('closes a secrets folder that somebody opened', () => {
    const { secrets } = prepareFolder(path.join(place, 'data'), 18);
    chmodSync(secrets, 0o755);
    prepareFolder(path.join(place, 'data'), 18);
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
  });

  it("leaves somebody else's files alone", () => {
    writeFileSync(path.join(place, 'thesis.tex'), 'years of work');
    expect(() => prepareFolder(place, 18)).toThrow(/holds something else already \(.*thesis\.tex/);
    expect(() => prepareFolder(path.join(place, 'thesis.tex'), 18)).toThrow(/is a file, not a folder/);
    expect(readFileSync(path.join(place, 'thesis.tex'), 'utf8')).toBe('years of work');
  });

  it('refuses a database of another PostgreSQL and says where to read on', () => {
    const folder = path.join(place, 'old');
    prepareFolder(folder, 17);
    mkdirSync(path.join(folder, 'postgres-17'));
    expect(() => prepareFolder(folder, 18)).toThrow(
      /PostgreSQL 17; this Darb brings PostgreSQL 18.*operations\.md/,
    );
  });
});
