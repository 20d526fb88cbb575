import type { JobRequirements, ManagerReport, PackageManagerType } from '@darb/models';
import type { Worker } from '@darb/models/entities';
import { describe, expect, it } from 'vitest';
import { fits, hasPython, isFree, whyWaiting } from './fitting.js';
import type { Slot, Waiting } from './fitting.js';

function manager(type: PackageManagerType, version: string | null, pythons: string[] = []): ManagerReport {
  return {
    type,
    available: version !== null,
    version,
    path: `/${type}`,
    reason: null,
    interpreters: pythons.map((python) => ({
      implementation: 'cpython',
      version: python,
      abi: null,
      path: `/python${python}`,
    })),
  };
}

function slot(worker: Partial<Worker> = {}, more: Partial<Slot> = {}): Slot {
  const whole = {
    id: 'w',
    slots: 2,
    store_id: 's',
    platform: 'linux-64',
    labels: {},
    managers: [manager('uv', '0.13.8', ['3.12.1', '3.13.0rc2'])],
    ...worker,
  } as Worker;
  return { worker: whole, used: 0, isOccupied: false, isReserved: false, ...more };
}

const needing = (requirements: JobRequirements, more: Partial<Waiting> = {}): Waiting => ({
  requirements,
  store_id: null,
  runs_alone: false,
  ...more,
});

describe('fits', () => {
  it.each([
    ['nothing in particular', {}, true],
    ['a manager that is there', { manager: { type: 'uv' } }, true],
    ['a manager that is not', { manager: { type: 'pixi' } }, false],
    ['a range of versions that has this one', { manager: { type: 'uv', versions: '>=0.13,<0.14' } }, true],
    ['a range that has it not', { manager: { type: 'uv', versions: '>=0.14' } }, false],
    ['a range that nobody can read', { manager: { type: 'uv', versions: 'newest' } }, true],
    ['its platform among others', { platforms: ['osx-arm64', 'linux-64'] }, true],
    ['another platform', { platforms: ['osx-arm64'] }, false],
    ['no platform in particular', { platforms: [] }, true],
    ['a Python, which is asked for elsewhere', { manager: { type: 'uv' }, python: '2.7' }, true],
  ] as const)('tells of a job that needs %s: %j is %s', (_name, requirements, expected) => {
    expect(fits(slot(), needing(requirements as JobRequirements))).toBe(expected);
  });

  it('knows a manager that is reported as unavailable, or without a version', () => {
    const job = needing({ manager: { type: 'uv', versions: '>=0.13' } });
    expect(fits(slot({ managers: [manager('uv', null)] }), job)).toBe(false);
    const unversioned = { ...manager('uv', '1'), version: null };
    expect(fits(slot({ managers: [unversioned] }), job)).toBe(true);
    expect(fits(slot({ managers: [] }), job)).toBe(false);
  });

  it('wants every label, with its value', () => {
    const labels = { gpu: 'a100', zone: 'x' };
    expect(fits(slot({ labels }), needing({ labels: { gpu: 'a100' } }))).toBe(true);
    expect(fits(slot({ labels }), needing({ labels: { gpu: 'h100' } }))).toBe(false);
    expect(fits(slot({ labels }), needing({ labels: { gpu: 'a100', disk: 'fast' } }))).toBe(false);
  });

  it('sends what is bound to a store only there', () => {
    expect(fits(slot(), needing({}, { store_id: 's' }))).toBe(true);
    expect(fits(slot(), needing({}, { store_id: 'other' }))).toBe(false);
  });
});

describe('hasPython', () => {
  it.each([
    ['3.12', true],
    ['3', true],
    ['3.12.1', true],
    ['3.12.2', false],
    ['3.11', false],
    ['>=3.12', true],
    ['>=3.14', false],
    ['==3.13.*', true],
    ['what I had before', true],
  ])('takes %s: %s', (python, expected) => {
    expect(hasPython(slot(), needing({ manager: { type: 'uv' }, python }))).toBe(expected);
  });

  it('asks only uv, since pixi brings its own', () => {
    expect(hasPython(slot(), needing({ manager: { type: 'pixi' }, python: '2.7' }))).toBe(true);
    expect(hasPython(slot(), needing({ manager: { type: 'uv' } }))).toBe(true);
    expect(hasPython(slot({ managers: [] }), needing({ manager: { type: 'uv' }, python: '3' }))).toBe(false);
  });
});

describe('isFree', () => {
  const job = needing({});
  const alone = needing({}, { runs_alone: true });

  it('needs a slot, on a worker that nobody has to himself', () => {
    expect(isFree(slot({}, { used: 1 }), job)).toBe(true);
    expect(isFree(slot({}, { used: 2 }), job)).toBe(false);
    expect(isFree(slot({}, { used: 3 }), job)).toBe(false);
    expect(isFree(slot({}, { used: 1, isOccupied: true }), job)).toBe(false);
    expect(isFree(slot({}, { isReserved: true }), job)).toBe(false);
  });

  it('needs an empty worker for a job that runs alone, reserved or not', () => {
    expect(isFree(slot(), alone)).toBe(true);
    expect(isFree(slot({}, { isReserved: true }), alone)).toBe(true);
    expect(isFree(slot({}, { used: 1 }), alone)).toBe(false);
  });
});

describe('whyWaiting', () => {
  it.each([
    [[], {}, 'a worker: none is connected'],
    [[slot()], { manager: { type: 'pixi' } }, 'a worker that has pixi: none is connected'],
    [
      [slot()],
      {
        manager: { type: 'uv', versions: '>=1' },
        platforms: ['osx-64', 'osx-arm64'],
        labels: { gpu: 'yes' },
      },
      'a worker that has uv >=1 and platform osx-64 or osx-arm64 and label gpu=yes: none is connected',
    ],
    [[slot({}, { used: 2 }), slot({}, { used: 2 })], {}, 'a free slot: all 4 are busy'],
    [
      [slot({}, { isReserved: true })],
      {},
      'a free slot: a worker is kept free for a job that must run alone',
    ],
  ] as [Slot[], JobRequirements, string][])('says why: %#', (slots, requirements, expected) => {
    expect(whyWaiting(slots, needing(requirements))).toBe(expected);
  });

  it('speaks of the files of an environment, and of a worker to itself', () => {
    expect(whyWaiting([slot()], needing({}, { store_id: 'other' }))).toBe(
      "a worker that has the environment's files: none is connected",
    );
    expect(whyWaiting([slot({}, { used: 1 })], needing({}, { runs_alone: true }))).toMatch(
      /^a worker to itself/,
    );
  });
});
