import { describe, expect, it } from 'vitest';
import { lockedPackages } from '../uv/locked-packages.js';
import type { MarkerEnvironment } from '../specs/markers.js';
import { MAX_LOCKFILE_BYTES } from '../manifests/types.js';
import { parseUvLock } from './uv-lock.js';
import { asPreferences, isStillPreferences, renameLockedProject, treeLockfile } from './uv-tree-lock.js';

const HASH = `sha256:${'a'.repeat(64)}`;
const INDEX = 'https://index.example/simple';

const wheel = (name: string) =>
  `{ url = "https://files.example/${name}-1.0-py3-none-any.whl", hash = "${HASH}" }`;
const locked = (name: string, more = '') =>
  `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "${INDEX}" }\n${more}wheels = [\n    ${wheel(name)},\n]\n`;
const root = (name: string, dependencies: string, more = '') =>
  `[[package]]\nname = "${name}"\nversion = "0.1.0"\nsource = { virtual = "." }\ndependencies = [\n${dependencies}]\n${more}`;
const lockOf = (...blocks: string[]) =>
  ['version = 1\nrevision = 3\nrequires-python = ">=3.12"\n', ...blocks].join('\n');

const SIMPLE = lockOf(
  locked('alpha'),
  root(
    'mine',
    '    { name = "alpha" },\n',
    '\n[package.metadata]\nrequires-dist = [{ name = "alpha", specifier = ">=1" }]\n',
  ),
);

const faultOf = (text: unknown): string => {
  const result = parseUvLock(text);
  return result.ok ? 'accepted' : `${result.errors[0]!.code} ${result.errors[0]!.field ?? ''}`.trim();
};

describe('a uv.lock', () => {
  it('is read', () => {
    const result = parseUvLock(SIMPLE);
    expect(result).toMatchObject({ ok: true, lock: { requiresPython: '>=3.12', root: { name: 'mine' } } });
  });

  const evil = (source: string) => SIMPLE.replace(`{ registry = "${INDEX}" }`, source);
  it.each([
    ['a git source', evil('{ git = "https://x/y?rev=1#abc" }'), 'lockfile_not_allowed package[0].source'],
    ['a path', evil('{ path = "/etc/x.whl" }'), 'lockfile_not_allowed package[0].source'],
    ['a folder', evil('{ directory = "../x" }'), 'lockfile_not_allowed package[0].source'],
    ['another editable', evil('{ editable = "../x" }'), 'lockfile_not_allowed package[0].source'],
    ['another virtual', evil('{ virtual = "../x" }'), 'lockfile_not_allowed package[0].source'],
    ['a second project', evil('{ virtual = "." }'), 'lockfile_not_allowed package'],
    ['a URL', evil('{ url = "https://x/y.whl" }'), 'lockfile_not_allowed package[0].source'],
    ['a file index', evil('{ registry = "file:///etc" }'), 'lockfile_not_allowed package[0].source'],
    ['a path as index', evil('{ registry = "../x" }'), 'lockfile_not_allowed package[0].source'],
    [
      'credentials',
      evil('{ registry = "https://me:secret@x/simple" }'),
      'lockfile_not_allowed package[0].source',
    ],
    ['no source', evil('{}'), 'lockfile_not_allowed package[0].source'],
    [
      'a wheel by path',
      SIMPLE.replace('url = "https://files', 'path = "https://files'),
      'lockfile_not_allowed package[0].wheels[0]',
    ],
    [
      'a wheel by file',
      SIMPLE.replace('url = "https://files.example', 'url = "file://'),
      'lockfile_not_allowed package[0].wheels[0]',
    ],
    [
      'a wheel without hash',
      SIMPLE.replace(`, hash = "${HASH}"`, ''),
      'lockfile_invalid package[0].wheels[0]',
    ],
    [
      'a wheel with md5',
      SIMPLE.replace(HASH, `md5:${'a'.repeat(32)}`),
      'lockfile_invalid package[0].wheels[0]',
    ],
    ['a newer schema', SIMPLE.replace('version = 1', 'version = 2'), 'lockfile_invalid version'],
    ['no schema', SIMPLE.replace('version = 1\n', ''), 'lockfile_invalid version'],
    ['no project', lockOf(locked('alpha')), 'lockfile_not_allowed package'],
    ['no package', 'version = 1\nrequires-python = ">=3"\n', 'lockfile_invalid package'],
    ['a name that is a path', SIMPLE.replaceAll('"alpha"', '"../alpha"'), 'lockfile_invalid package[0].name'],
    [
      'a version that is none',
      SIMPLE.replace('version = "1.0"', 'version = "../1"'),
      'lockfile_invalid package[0].version',
    ],
    ['what is not TOML', '<<<<<<< HEAD\n', 'lockfile_invalid'],
    ['a NUL', `${SIMPLE}# \u0000`, 'lockfile_invalid'],
    ['nothing', '', 'lockfile_invalid'],
    ['too much', `# ${'x'.repeat(MAX_LOCKFILE_BYTES)}`, 'lockfile_invalid'],
  ])('may not hold %s', (_name, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('does not answer thousands of faults with thousands of messages', () => {
    const many = Array.from({ length: 1000 }, (_, index) => locked(`p${index}`).replace(INDEX, 'file:///x'));
    const result = parseUvLock(lockOf(...many, root('mine', '')));
    expect(result.ok ? 0 : result.errors.length).toBeLessThanOrEqual(20);
  });
});

describe('its project', () => {
  it('is renamed wherever it is named, and sorted in again', () => {
    const renamed = renameLockedProject(SIMPLE, 'aaa');
    expect(renamed.indexOf('name = "aaa"')).toBeLessThan(renamed.indexOf('name = "alpha"'));
    expect(renamed).not.toContain('mine');
    expect(renameLockedProject(renamed, 'mine')).toBe(renameLockedProject(SIMPLE, 'mine'));
  });

  it('leaves a package of the same name alone', () => {
    const renamed = renameLockedProject(renameLockedProject(SIMPLE, 'environment'), 'zzz');
    expect(renamed.match(/name = "alpha"/g)).toHaveLength(SIMPLE.match(/name = "alpha"/g)!.length);
  });

  it('leaves no trace in the lockfile of a tree', () => {
    const other = SIMPLE.replaceAll('"mine"', '"other"')
      .replace('version = "0.1.0"', 'version = "7.0"')
      .replace('>=1', '>=0.5');
    expect(treeLockfile(other)).toBe(treeLockfile(SIMPLE));
    expect(treeLockfile(SIMPLE)).not.toContain('requires-dist');
    expect(parseUvLock(treeLockfile(SIMPLE))).toMatchObject({
      ok: true,
      lock: { root: { name: 'environment' } },
    });
  });
});

describe('a given lockfile as preferences', () => {
  it('names no index and no Python any more', () => {
    const text = asPreferences(SIMPLE)!;
    expect(text).not.toContain(INDEX);
    const result = parseUvLock(text);
    expect(result.ok && isStillPreferences(result.lock)).toBe(true);
    expect(parseUvLock(SIMPLE).ok).toBe(true);
  });

  it.each([
    ['literal strings', SIMPLE.replace(`"${INDEX}"`, `'${INDEX}'`)],
    ['other spaces', SIMPLE.replace('registry = ', 'registry=')],
    ['a quoted key', SIMPLE.replace('registry = ', '"registry" = ')],
    ['an indented Python', SIMPLE.replace('requires-python', '  requires-python')],
  ])('is refused when it is written with %s', (_name, text) => {
    expect(asPreferences(text)).toBeNull();
  });
});

describe('what belongs on an interpreter', () => {
  const here = {
    python_version: '3.12',
    python_full_version: '3.12.1',
    sys_platform: 'linux',
    os_name: 'posix',
    platform_system: 'Linux',
  } as MarkerEnvironment;
  const namesOf = (...blocks: string[]) => {
    const result = parseUvLock(lockOf(...blocks));
    return result.ok
      ? lockedPackages(result.lock, here).map((one) => `${one.name} ${one.version}`)
      : result.errors;
  };

  it('follows markers', () => {
    const dependencies = `    { name = "alpha", marker = "sys_platform == 'win32'" },\n    { name = "beta", marker = "python_full_version >= '3.12'" },\n`;
    expect(namesOf(locked('alpha'), locked('beta'), root('mine', dependencies))).toEqual(['beta 1.0']);
  });

  it('follows extras, and only those', () => {
    const extras = locked('alpha').replace(
      'wheels',
      'optional-dependencies = { x = [{ name = "beta" }], y = [{ name = "gamma" }] }\nwheels',
    );
    expect(
      namesOf(
        extras,
        locked('beta'),
        locked('gamma'),
        root('mine', '    { name = "alpha", extra = ["x"] },\n'),
      ),
    ).toEqual(['alpha 1.0', 'beta 1.0']);
  });

  it('follows circles once', () => {
    const one = locked('alpha', 'dependencies = [{ name = "beta" }]\n');
    const two = locked('beta', 'dependencies = [{ name = "alpha" }]\n');
    expect(namesOf(one, two, root('mine', '    { name = "alpha" },\n'))).toEqual(['alpha 1.0', 'beta 1.0']);
  });

  it('takes the version that an edge names', () => {
    const newer = locked('alpha').replace('version = "1.0"', 'version = "2.0"');
    const dependencies = `    { name = "alpha", version = "1.0", source = { registry = "${INDEX}" }, marker = "python_full_version < '3.12'" },\n    { name = "alpha", version = "2.0", source = { registry = "${INDEX}" }, marker = "python_full_version >= '3.12'" },\n`;
    expect(namesOf(locked('alpha'), newer, root('mine', dependencies))).toEqual(['alpha 2.0']);
  });
});
