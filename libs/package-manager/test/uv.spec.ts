/** The uv adapter with the real uv, real interpreters and a local index of small wheels. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentChange, JobError, ManagerReport } from '@darb/models';
import { freePort, startWheelIndex, uvPath, type WheelIndex } from '@darb/testing';
import {
  createPackageManager,
  makeReadOnly,
  type PackageManagerAdapter,
  type PackageManagerSettings,
  type Solution,
  type SolveRequest,
} from '../src/index.js';
import { describeAdapter } from './conformance/index.js';
import { failureOf } from './conformance/stage.js';
import {
  creating,
  installing,
  makeJob,
  makeStore,
  newTree,
  request,
  spawnTool,
  type Job,
  type Store,
} from './support.js';

let index: WheelIndex;
let store: Store;
let adapter: PackageManagerAdapter;
let report: ManagerReport;

const settings = (changes: Partial<PackageManagerSettings> = {}): PackageManagerSettings => ({
  toolPath: uvPath(),
  pythonPaths: [],
  indexUrl: index.url,
  environment: process.env,
  ...changes,
});

beforeAll(async () => {
  index = await startWheelIndex();
  store = makeStore();
  adapter = createPackageManager('uv', settings());
  report = await adapter.detect();
});

afterAll(async () => {
  await index.close();
  await store.remove();
});

const create = (...packages: string[]): EnvironmentChange => creating(packages);
const add = (...packages: string[]): EnvironmentChange => installing(packages);
const job = (): Job => makeJob(store, report);
const solve = (change: EnvironmentChange, changes: Partial<SolveRequest> = {}): Promise<Solution> =>
  adapter.solve(request({ change, ...changes }), job());
const failed = async (promise: Promise<unknown>): Promise<JobError> =>
  adapter.classify(await failureOf(promise));

async function install(solution: Solution): Promise<string> {
  const tree = newTree(store);
  await adapter.writeTree(tree, solution.digestInputs);
  await adapter.install(tree, solution.digestInputs, job());
  return tree;
}

const versions = (solution: Solution): Record<string, string> =>
  Object.fromEntries(solution.packages.map((one) => [one.name, one.version]));

describeAdapter('uv', {
  adapter: () => createPackageManager('uv', settings()),
  broken: () => createPackageManager('uv', settings({ toolPath: path.join(store.root, 'nowhere/uv') })),
  channels: [],
  installable: { change: create('beta'), package: 'beta', version: '1.0' },
  conflict: [['beta'], ['gamma']],
  unknown: 'no-such-package',
  hostile: 'alpha @ file:///etc/passwd',
  prefix: '.venv',
  get installedFile() {
    return path.join(sitePackages(), 'beta/__init__.py');
  },
  get installedRecord() {
    return path.join(sitePackages(), 'beta-1.0.dist-info');
  },
});

/** Relative to a tree made with the newest interpreter. */
function sitePackages(): string {
  const minor = report.interpreters[0]!.version.split('.').slice(0, 2).join('.');
  return `.venv/lib/python${minor}/site-packages`;
}

describe('a revision', () => {
  it('keeps the versions of a spec as typed, without bounds of its own', async () => {
    const solution = await solve(create('Alpha >= 1, <3', 'beta'));
    expect(solution.manifest).toContain('"alpha>=1,<3"');
    expect(solution.manifest).toContain('"beta"');
    expect(versions(solution)).toEqual({ alpha: '2.0', beta: '1.0' });
  });

  it('is called as the environment, unless a package in it has that name', async () => {
    const plain = await solve(create('beta'), { environmentName: 'My.Env' });
    const taken = await solve(create('beta'), { environmentName: 'alpha' });
    expect(plain.manifest).toContain('name = "My.Env"');
    expect(plain.lockfile).toContain('name = "my-env"');
    expect(taken.manifest).toContain('name = "alpha-environment"');
    expect(taken.lockfile).toContain('name = "alpha-environment"');
    expect(taken.digest).toBe(plain.digest);
  });

  it('can be changed again and again: add, remove, update', async () => {
    const first = await solve(create('alpha<2'));
    const second = await solve(add('licensed'), { base: first });
    const third = await solve({ type: 'remove', packages: ['Licensed'] }, { base: second });
    expect(versions(second)).toEqual({ alpha: '1.0', licensed: '1.0' });
    expect(versions(third)).toEqual({ alpha: '1.0' });
    expect(third.digest).toBe(first.digest);
  });

  it('keeps versions until an update asks for newer ones', async () => {
    const old = await solve(create('alpha<2'));
    const base = { manifest: old.manifest.replace('alpha<2', 'alpha'), lockfile: old.lockfile };
    const added = await solve(add('licensed'), { base });
    expect(versions(added)).toEqual({ alpha: '1.0', licensed: '1.0' });
    expect(versions(await solve({ type: 'update', packages: ['licensed'] }, { base: added }))['alpha']).toBe(
      '1.0',
    );
    expect(versions(await solve({ type: 'update', packages: ['alpha'] }, { base: added }))['alpha']).toBe(
      '2.0',
    );
    expect(versions(await solve({ type: 'update', packages: null }, { base: added }))['alpha']).toBe('2.0');
  });

  it('refuses to update what it does not hold, which uv would take without a word', async () => {
    const base = await solve(create('alpha'));
    const error = await failed(solve({ type: 'update', packages: ['beta'] }, { base }));
    expect(error).toMatchObject({ code: 'package_not_in_environment', family: 'user' });
  });

  it('can be given as a whole, and is changed only in its name', async () => {
    const manifest =
      '# mine\n[project]\nname = "Given"   # yes\nversion = "3.1"\ndependencies = [ "alpha <2" ]\n';
    const solution = await solve({ type: 'apply', manifest, lockfile: null });
    expect(solution.manifest).toBe(manifest);
    expect(versions(solution)).toEqual({ alpha: '1.0' });
    expect((await solve(create('alpha<2'))).packages).toEqual(solution.packages);
  });
});

describe('a lockfile that a person gives', () => {
  const manifest =
    '[project]\nname = "given"\nversion = "0.1.0"\nrequires-python = ">=3.9"\ndependencies = ["alpha"]\n';
  let lockfile: string;

  beforeAll(async () => {
    const old = await solve({
      type: 'apply',
      manifest: manifest.replace('"alpha"', '"alpha<2"'),
      lockfile: null,
    });
    lockfile = old.lockfile.replaceAll(', specifier = "<2"', '');
  });

  it('decides the versions', async () => {
    expect(versions(await solve({ type: 'apply', manifest, lockfile }))).toEqual({ alpha: '1.0' });
  });

  it('never decides the addresses: those come from the index of this worker', async () => {
    const foreign = lockfile.replaceAll(new URL(index.url).origin, 'http://169.254.169.254');
    const solution = await solve({ type: 'apply', manifest, lockfile: foreign });
    expect(solution.lockfile).not.toContain('169.254');
    expect(solution.lockfile).toContain(index.url.replace(/\/$/, ''));
    expect(versions(solution)).toEqual({ alpha: '1.0' });
  });

  it('is a fault when a hash in it is not that of the index', async () => {
    const tampered = lockfile.replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${'0'.repeat(64)}`);
    const error = await failed(solve({ type: 'apply', manifest, lockfile: tampered }));
    expect(error).toMatchObject({ code: 'integrity', family: 'operational' });
  });

  it('is refused when it is not in the form that uv writes', async () => {
    const odd = lockfile.replaceAll('registry = "', "registry='").replaceAll(/(registry='[^"]*)"/g, "$1'");
    expect(await failed(solve({ type: 'apply', manifest, lockfile: odd }))).toMatchObject({
      code: 'lockfile_invalid',
    });
  });
});

describe('a Python', () => {
  const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

  it('is the newest when none was asked for', async () => {
    const { digestInputs, manifest } = await solve(create());
    expect(digestInputs.python).toEqual(report.interpreters[0]);
    expect(manifest).toContain(`requires-python = ">=${minorOf(digestInputs.python!.version)}"`);
  });

  it('is the one that was asked for', async () => {
    const last = report.interpreters.at(-1)!;
    const { digestInputs } = await solve(create('alpha'), { python: minorOf(last.version) });
    expect(minorOf(digestInputs.python!.version)).toBe(minorOf(last.version));
  });

  it('may be a range, which becomes the range of the project', async () => {
    const newest = report.interpreters[0]!.version;
    const range = `>=3.8,<=${newest}`;
    const solution = await solve(create('alpha'), { python: range });
    expect(solution.manifest).toContain(`requires-python = "${range}"`);
    expect(solution.digestInputs.python!.version).toBe(newest);
  });

  it('that cannot be had is a user’s error that lists those which can', async () => {
    const error = await failed(solve(create(), { python: '3.99' }));
    expect(error).toMatchObject({ code: 'python_unavailable', family: 'user' });
    for (const one of report.interpreters) expect(error.message).toContain(one.version);
  });

  it('stays what the environment has, when a newer one appears', async () => {
    const older = report.interpreters.find(
      (one) => minorOf(one.version) !== minorOf(report.interpreters[0]!.version),
    );
    if (older === undefined) return;
    const base = await solve(create('alpha'), { python: minorOf(older.version) });
    const tree = await install(base);
    const later = await solve(add('licensed'), { base, baseTree: tree });
    expect(later.digestInputs.python).toEqual(older);
  });

  it('that vanished between solving and installing is said, not replaced by another', async () => {
    const gone = path.join(store.root, 'gone/bin/python3');
    mkdirSync(path.dirname(gone), { recursive: true });
    symlinkSync(report.interpreters[0]!.path, gone);
    const solution = await solve(create('alpha'));
    const inputs = {
      ...solution.digestInputs,
      python: { ...solution.digestInputs.python!, path: `${gone}-not` },
    };
    const tree = newTree(store);
    await adapter.writeTree(tree, inputs);
    expect(await failed(adapter.install(tree, inputs, job()))).toMatchObject({
      code: 'interpreter_missing',
      message: expect.stringContaining('vanished'),
    });
    expect(existsSync(path.join(tree, '.venv'))).toBe(false);
  });

  it('is found once, never through a shim and never in a virtual environment', async () => {
    const shims = path.join(store.root, 'fake/shims');
    const venv = path.join(store.root, 'fake/venv');
    mkdirSync(shims, { recursive: true });
    mkdirSync(path.join(venv, 'bin'), { recursive: true });
    writeFileSync(path.join(venv, 'pyvenv.cfg'), 'home = /usr/bin\n');
    for (const folder of [shims, path.join(venv, 'bin')]) {
      writeFileSync(path.join(folder, 'python3.9'), '#!/bin/sh\ntouch "$0.was-run"\n');
      chmodSync(path.join(folder, 'python3.9'), 0o755);
    }
    const environment = { ...process.env, PATH: `${shims}:${process.env['PATH']}` };
    const again = await createPackageManager('uv', settings({ environment, pythonPaths: [venv] })).detect();
    expect(again.interpreters).toEqual(report.interpreters);
    expect(readdirSync(shims)).toEqual(['python3.9']);
    expect(readdirSync(path.join(venv, 'bin'))).toEqual(['python3.9']);
  });
});

describe('a tree', () => {
  it('runs no code of a package: not in solve, install, verify or inventory', async () => {
    const solution = await solve(create('with-pth', 'with-script'));
    const tree = await install(solution);
    await adapter.verify(tree, solution.digestInputs, job());
    await adapter.inventory(tree, solution.manifest);
    expect(existsSync(path.join(tree, '.venv/pth-was-run'))).toBe(false);
  });

  it('shares its files with the cache by hardlinks', async () => {
    const tree = await install(await solve(create('licensed')));
    const file = path.join(tree, sitePackages(), 'licensed/__init__.py');
    expect(statSync(file).nlink).toBeGreaterThan(1);
  });

  it('loses every write permission and can still be linked from by the next tree', async () => {
    const solution = await solve(create('beta'));
    const tree = await install(solution);
    await makeReadOnly(tree);
    const writable = readdirSync(tree, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(tree, name))
      .filter((file) => !lstatSync(file).isSymbolicLink() && (lstatSync(file).mode & 0o222) !== 0);
    expect(writable).toEqual([]);
    expect(lstatSync(tree).mode & 0o222).toBe(0);
    const twin = await install(solution);
    await adapter.verify(twin, solution.digestInputs, job());
    expect(statSync(path.join(twin, sitePackages(), 'beta/__init__.py')).nlink).toBeGreaterThan(2);
  });

  it('lists licences, what was asked for and how, and the full version of Python', async () => {
    const solution = await solve(
      create('licensed', 'licensed-by-field', 'licensed-by-classifier', 'Mixed.Case_Name==1.0', 'beta'),
    );
    const inventory = await adapter.inventory(await install(solution), solution.manifest);
    const byName = Object.fromEntries(inventory.packages.map((one) => [one.name, one]));
    expect(byName['licensed']).toMatchObject({
      license: 'BSD-3-Clause',
      explicit: true,
      requested: 'licensed',
    });
    expect(byName['licensed-by-field']).toMatchObject({ license: 'Apache-2.0' });
    expect(byName['licensed-by-classifier']).toMatchObject({ license: 'MIT License' });
    expect(byName['mixed-case-name']).toMatchObject({ explicit: true, requested: 'mixed-case-name==1.0' });
    expect(byName['alpha']).toMatchObject({ explicit: false, requested: null, kind: 'pypi', build: null });
    expect(inventory.pythonVersion).toBe(report.interpreters[0]!.version);
  });

  it('holds exactly what the lock says, markers and extras included', async () => {
    const solution = await solve(
      create(
        "alpha<2; python_version < '3'",
        "licensed; sys_platform == 'linux' or sys_platform == 'darwin'",
        "beta; platform_system == 'Windows'",
      ),
    );
    expect(versions(solution)).toEqual({ licensed: '1.0' });
    const tree = await install(solution);
    await adapter.verify(tree, solution.digestInputs, job());
    expect((await adapter.inventory(tree, solution.manifest)).packages.map((one) => one.name)).toEqual([
      'licensed',
    ]);
  });

  it('fails verification when a package is there that the lock does not say', async () => {
    const solution = await solve(create('licensed'));
    const tree = await install(solution);
    const info = path.join(tree, sitePackages(), 'stranger-1.0.dist-info');
    mkdirSync(info);
    writeFileSync(path.join(info, 'METADATA'), 'Name: stranger\nVersion: 1.0\n\n');
    writeFileSync(path.join(info, 'RECORD'), '');
    const error = await failed(adapter.verify(tree, solution.digestInputs, job()));
    expect(error).toMatchObject({
      code: 'verification_failed',
      extract: expect.stringContaining('stranger'),
    });
  });

  it('fails verification when a record names files outside of it', async () => {
    const solution = await solve(create('licensed'));
    const tree = await install(solution);
    const record = path.join(tree, sitePackages(), 'licensed-1.0.dist-info/RECORD');
    const text = readFileSync(record, 'utf8');
    chmodSync(path.dirname(record), 0o755);
    writeFileSync(`${record}.new`, `${text}../../../../../../../../etc/passwd,,\n`);
    renameSync(`${record}.new`, record);
    expect(await failed(adapter.verify(tree, solution.digestInputs, job()))).toMatchObject({
      code: 'verification_failed',
      message: expect.stringContaining('outside'),
    });
  });

  it('reports each package on the way', async () => {
    const solution = await solve(create('chain-09'));
    const tree = newTree(store);
    const seen: unknown[] = [];
    await adapter.writeTree(tree, solution.digestInputs);
    await adapter.install(tree, solution.digestInputs, job(), (progress) => seen.push(progress));
    expect(seen.at(-1)).toEqual({ phase: 'install', done: 10, total: 10 });
  });
});

describe('a record of files', () => {
  const verified = async (...packages: string[]) => {
    const solution = await solve(create(...packages));
    return adapter.verify(await install(solution), solution.digestInputs, job());
  };

  it('may be written in hexadecimal', async () => {
    expect((await verified('hex-record')).warnings).toEqual([]);
  });

  it('that contradicts its own archive is a warning that names package and file', async () => {
    const { warnings } = await verified('stale-record', 'beta');
    expect(warnings).toEqual([
      expect.stringMatching(/^stale-record: .*contradicts.*stale_record\/data\.txt/),
    ]);
  });

  it('that another package’s record contradicts is a warning that names both, and only where they differ', async () => {
    const { warnings } = await verified('shares-path');
    expect(warnings).toEqual([
      expect.stringMatching(/^shares-path and shares-path-too both bring .*shared_path\/differs\.txt/),
    ]);
  });

  it('is no excuse for a file that was changed after unpacking; the next installation heals it', async () => {
    const solution = await solve(create('licensed', 'stale-record'));
    const first = await install(solution);
    // From here on it counts as verified; a change takes that from it.
    await adapter.verify(first, solution.digestInputs, job());
    const file = path.join(sitePackages(), 'licensed/__init__.py');
    // Through the hardlink, so in the cache as well.
    chmodSync(path.join(first, file), 0o644);
    appendFileSync(path.join(first, file), 'print("changed")\n');
    const second = await install(solution);
    expect(readFileSync(path.join(second, file), 'utf8')).toContain('changed');
    const error = await failed(adapter.verify(second, solution.digestInputs, job()));
    expect(error).toMatchObject({ code: 'verification_failed', family: 'operational' });
    expect(error.extract).toContain('licensed/__init__.py');
    expect(error.extract).not.toContain('stale_record');
    const third = await install(solution);
    expect((await adapter.verify(third, solution.digestInputs, job())).warnings).toHaveLength(1);
  });
});

describe('a failure', () => {
  it('of a package that exists only as source names it and says why', async () => {
    const error = await failed(solve(create('sdist-only')));
    expect(error).toMatchObject({
      code: 'needs_source_build',
      family: 'user',
      message: expect.stringContaining('`sdist-only`'),
    });
  });

  it('of a dependency that is missing names the dependency', async () => {
    const error = await failed(solve(create('needs-missing')));
    expect(error).toMatchObject({
      code: 'package_not_found',
      message: expect.stringContaining('`no-such-package`'),
    });
  });

  it('of a version that does not exist says which does', async () => {
    const error = await failed(solve(create('alpha>=99')));
    expect(error).toMatchObject({
      code: 'unsatisfiable',
      family: 'user',
      extract: expect.stringContaining('alpha<=2.0'),
    });
  });

  it('of a package that needs another Python says so', async () => {
    const error = await failed(solve(create('needs-new-python')));
    expect(error).toMatchObject({ code: 'unsatisfiable', message: expect.stringContaining('Python') });
  });

  it('of the network is operational', async () => {
    const dead = createPackageManager(
      'uv',
      settings({ indexUrl: `http://127.0.0.1:${await freePort()}/simple` }),
    );
    const error = await failed(dead.solve(request({ change: create('alpha') }), job()));
    expect(error).toMatchObject({ code: 'network', family: 'operational' });
  });

  it('of credentials is not one of the network', async () => {
    const closed = await startWheelIndex({ credentials: { username: 'me', password: 'secret' } });
    const stranger = createPackageManager('uv', settings({ indexUrl: closed.url }));
    const error = await failed(stranger.solve(request({ change: create('alpha') }), job()));
    await closed.close();
    expect(error).toMatchObject({ code: 'index_unauthorized', family: 'user' });
  });

  it('is answered without secrets, and credentials reach uv only by its environment', async () => {
    const closed = await startWheelIndex({ credentials: { username: 'me', password: 's3cret-word' } });
    const pool = { name: 'org-1', path: path.join(store.root, 'pools/org-1') };
    const credentials = [{ name: 'Inner index', url: closed.url, username: 'me', password: 's3cret-word' }];
    const context = makeJob({ ...store, pool }, report, { credentials });
    const solution = await adapter.solve(request({ change: create('alpha') }), context);
    await closed.close();
    expect(solution.lockfile).not.toContain('s3cret-word');
    for (const command of context.commands) {
      expect(command.args.join(' ')).not.toContain('s3cret-word');
      expect(command.secrets).toContain('s3cret-word');
    }
  });

  it('of a call that uv does not understand is Darb’s own', async () => {
    const context = {
      ...job(),
      run: (command: Parameters<typeof spawnTool>[0]) =>
        spawnTool({ ...command, args: ['--no-such-flag', ...command.args] }),
    };
    const error = await failed(adapter.solve(request({ change: create('alpha') }), context));
    expect(error).toMatchObject({ code: 'internal_error', family: 'bug' });
  });

  it('of an archive that was changed on the index is one of integrity', async () => {
    const lying = await startWheelIndex({ packages: [{ name: 'alpha', version: '1.0', summary: 'one' }] });
    const first = createPackageManager('uv', settings({ indexUrl: lying.url }));
    const solution = await first.solve(request({ change: create('alpha') }), job());
    await lying.close();
    const inputs = {
      ...solution.digestInputs,
      lockfile: solution.digestInputs.lockfile.replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${'1'.repeat(64)}`),
    };
    const again = await startWheelIndex({
      port: Number(new URL(lying.url).port),
      packages: [{ name: 'alpha', version: '1.0', summary: 'one' }],
    });
    const tree = newTree(store);
    await first.writeTree(tree, inputs);
    const error = await failed(first.install(tree, inputs, job()));
    await again.close();
    expect(error).toMatchObject({ code: 'integrity', family: 'operational' });
  });
});

describe('a uv that does not fit', () => {
  const detectWith = async (script: string): Promise<ManagerReport> => {
    const file = path.join(store.root, 'fake-uv');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return createPackageManager('uv', settings({ toolPath: file })).detect();
  };

  it.each([
    ['too old', 'echo "uv 0.6.0"', /is uv 0\.6\.0, and 0\.8\.0 or newer is needed/],
    ['something else', 'echo hello', /does not answer with a version of uv/],
    ['broken', 'echo no >&2; exit 3', /does not start/],
  ])('because it is %s is absent, with the reason', async (_name, script, reason) => {
    const absent = await detectWith(script);
    expect(absent).toMatchObject({ available: false, version: null });
    expect(absent.reason).toMatch(reason);
  });
});

it('works with the public index, when that answers', async ({ skip }) => {
  const real = createPackageManager('uv', settings({ indexUrl: null }));
  const outcome = await real
    .solve(request({ change: create('rich') }), job())
    .catch((error: unknown) => real.classify(error));
  if ('family' in outcome && outcome.code === 'network') return skip('the public index does not answer');
  if ('family' in outcome) return expect.fail(outcome.message);
  const tree = newTree(store);
  await real.writeTree(tree, outcome.digestInputs);
  await real.install(tree, outcome.digestInputs, job());
  await real.verify(tree, outcome.digestInputs, job());
  const { packages } = await real.inventory(tree, outcome.manifest);
  expect(packages).toContainEqual(expect.objectContaining({ name: 'rich', explicit: true, license: 'MIT' }));
});
