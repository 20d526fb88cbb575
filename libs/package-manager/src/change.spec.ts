import { describe, expect, it } from 'vitest';
import type { WorkOrder } from '@darb/models';
import { changeOf, solveRequestOf } from './change.js';

const order = (changes: Partial<WorkOrder>): WorkOrder => ({
  job_id: 'j',
  type: 'install',
  arguments: {},
  environment_id: 'e',
  environment_name: 'mine',
  package_manager: 'uv',
  python: '3.12',
  channels: [],
  platforms: [],
  base_revision: 1,
  manifest: 'm',
  lockfile: 'l',
  pool: 'shared',
  limits: { timeout_seconds: 1, log_limit_bytes: 1 },
  index_credentials: [],
  phase: 'run',
  artifact_path: null,
  revision: null,
  ...changes,
});

describe('a work order', () => {
  it.each<[string, Partial<WorkOrder>, unknown]>([
    [
      'create',
      { type: 'create', arguments: { packages: ['a'] }, base_revision: null },
      { kind: 'create', packages: ['a'], pypiPackages: [] },
    ],
    [
      'create without packages',
      { type: 'create', base_revision: null },
      { kind: 'create', packages: [], pypiPackages: [] },
    ],
    [
      'create from a manifest',
      { type: 'create', arguments: { manifest: 'x', lockfile: 'y' } },
      { kind: 'replace', manifest: 'x', lockfile: 'y' },
    ],
    [
      'install',
      { arguments: { packages: ['a'], pypi_packages: ['b'] } },
      { kind: 'add', packages: ['a'], pypiPackages: ['b'] },
    ],
    ['remove', { type: 'remove', arguments: { packages: ['a'] } }, { kind: 'remove', names: ['a'] }],
    ['update of all', { type: 'update' }, { kind: 'update', names: null }],
    ['update of one', { type: 'update', arguments: { packages: ['a'] } }, { kind: 'update', names: ['a'] }],
    [
      'apply',
      { type: 'apply', arguments: { manifest: 'x' } },
      { kind: 'replace', manifest: 'x', lockfile: null },
    ],
    ['rollback', { type: 'rollback' }, { kind: 'restore' }],
    [
      'plan of an install',
      { type: 'plan', arguments: { packages: ['a'] } },
      { kind: 'add', packages: ['a'], pypiPackages: [] },
    ],
    ['plan of an update', { type: 'plan' }, { kind: 'update', names: null }],
    ['delete', { type: 'delete' }, null],
    ['verify', { type: 'verify' }, null],
  ])('of %s says what changes', (_name, changes, expected) => {
    expect(changeOf(order(changes))).toEqual(expected);
  });

  it('becomes a request with the base revision', () => {
    expect(solveRequestOf(order({}), '/tree')).toMatchObject({
      environmentName: 'mine',
      python: '3.12',
      base: { manifest: 'm', lockfile: 'l' },
      baseTree: '/tree',
    });
    expect(solveRequestOf(order({ manifest: null, lockfile: null }), null)).toMatchObject({ base: null });
  });
});
