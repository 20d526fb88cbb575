import { expect, it } from 'vitest';
import { makesRevision, mapDocuments, packagesOf } from './change.js';
import type { Change } from './change.js';

const CREATE: Change = {
  type: 'create',
  python: null,
  packages: ['rich'],
  pypi_packages: ['six'],
  manifest: 'text',
  lockfile: null,
};

it('replaces every document of a change, also inside of a plan', () => {
  const length = (text: string) => text.length;
  expect(mapDocuments(CREATE, length)).toEqual({ ...CREATE, manifest: 4 });
  expect(mapDocuments({ type: 'apply', manifest: 'ab', lockfile: 'c' }, length)).toEqual({
    type: 'apply',
    manifest: 2,
    lockfile: 1,
  });
  const plan = mapDocuments({ type: 'plan', change: { ...CREATE, type: 'create' } }, length);
  expect(plan).toMatchObject({ change: { manifest: 4 } });
  expect(mapDocuments({ type: 'remove', packages: ['rich'] }, length)).toEqual({
    type: 'remove',
    packages: ['rich'],
  });
});

it('knows which changes make a revision', () => {
  expect(makesRevision(CREATE)).toBe(true);
  expect(makesRevision({ type: 'rollback', revision: 1 })).toBe(true);
  for (const change of [
    { type: 'delete' },
    { type: 'collect', dry_run: true },
    { type: 'verify' },
  ] as const) {
    expect(makesRevision(change)).toBe(false);
  }
  expect(makesRevision({ type: 'plan', change: { ...CREATE, type: 'create' } })).toBe(false);
});

it('names what a person asked for', () => {
  expect(packagesOf(CREATE)).toEqual(['rich', 'six']);
  expect(packagesOf({ type: 'update', packages: null })).toEqual([]);
  expect(packagesOf({ type: 'plan', change: { type: 'remove', packages: ['six'] } })).toEqual(['six']);
});
