/** The pixi adapter against recorded runs of pixi 0.77.0: same calls, same environment, right conclusions. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentChange, ManagerReport } from '@darb/models';
import { scriptedPixi, scriptedPixiCalls, type ScriptedPixiOptions } from '@darb/testing';
import { createPackageManager, type PackageManagerAdapter, type PackageManagerError } from '../src/index.js';
import { currentPlatform } from '../src/surroundings.js';
import { describeAdapter } from './conformance/index.js';
import {
  creating,
  installing,
  makeJob,
  makeStore,
  newTree,
  request,
  type Job,
  type Store,
} from './support.js';

/** As it stands in the recordings; the stand-in never opens it. */
const CHANNEL = 'file://$CHANNEL';

/** The recordings are of this platform, and a lock is only read for the one it was made for. */
const isRecordedPlatform = currentPlatform() === 'linux-64';

const MANIFEST = `[workspace]
name = "my-env"
version = "0.1.0"
channels = ["${CHANNEL}"]
platforms = ["linux-64"]

[dependencies]
zlib = "*"
pkg-002 = "*"
`;

const settings = (toolPath: string) => ({
  toolPath,
  pythonPaths: [],
  indexUrl: null,
  environment: process.env,
});
const shared = makeStore();

describe.skipIf(!isRecordedPlatform)('with recordings', () => {
  describeAdapter('pixi', {
    adapter: () => createPackageManager('pixi', settings(scriptedPixi(path.join(shared.root, 'bin')))),
    broken: () => createPackageManager('pixi', settings(path.join(shared.root, 'nowhere/pixi'))),
    channels: [CHANNEL],
    installable: {
      change: { type: 'apply', manifest: MANIFEST, lockfile: null },
      package: 'zlib',
      version: '1.3.1',
    },
    conflict: [['conflict-a'], ['conflict-b']],
    unknown: 'no-such-package-at-all',
    hostile: 'file:///channel::zlib',
    prefix: '.pixi/envs/default',
    installedFile: '.pixi/envs/default/share/zlib/data.txt',
    installedRecord: '.pixi/envs/default/conda-meta/zlib-1.3.1-hb619c5d_0.json',
  });

  afterAll(() => shared.remove());

  it('made no call that no recording knows', () => {
    const calls = scriptedPixiCalls(path.join(shared.root, 'bin'));
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter((call) => call.recording === null)).toEqual([]);
  });

  describe('what was recorded to work', () => {
    let store: Store;
    let number = 0;

    beforeAll(() => {
      store = makeStore();
    });
    afterAll(() => store.remove());

    interface Scene {
      adapter: PackageManagerAdapter;
      report: ManagerReport;
      job: (sandboxed?: boolean) => Job;
      calls: () => string[];
    }

    const play = async (options: ScriptedPixiOptions = {}): Promise<Scene> => {
      number += 1;
      const folder = path.join(store.root, `pixi-${number}`);
      const adapter = createPackageManager('pixi', settings(scriptedPixi(folder, options)));
      const report = await adapter.detect();
      const job = (sandboxed = false): Job => makeJob(store, report, { sandboxed });
      const calls = (): string[] =>
        scriptedPixiCalls(folder)
          .slice(1)
          .map((call) => call.recording ?? `unexpected ${call.argv.join(' ')}`);
      return { adapter, report, job, calls };
    };

    const ask = (change: EnvironmentChange, changes: object = {}) =>
      request({ change, channels: [CHANNEL], platforms: ['linux-64'], ...changes });
    const failureOf = (scene: Scene, promise: Promise<unknown>) =>
      promise.then(
        () => expect.fail('it was expected to fail'),
        (error: unknown) => scene.adapter.classify(error as PackageManagerError),
      );

    /** A manifest with these dependencies, as a revision holds it. */
    const revision = (dependencies: string, lockfile: string, pypi = '') => ({
      manifest: `${MANIFEST.split('[dependencies]')[0]}[dependencies]\n${dependencies}\n${pypi}`,
      lockfile,
    });
    const recorded = (name: string): string => {
      const file = path.join(import.meta.dirname, '../../testing/src/scripted-pixi/fixtures', `${name}.json`);
      const { steps, texts } = JSON.parse(readFileSync(file, 'utf8'));
      return texts[steps[0].files_after['pixi.lock'].slice('text:'.length)];
    };

    it('adds several packages in one call', async () => {
      const scene = await play();
      const job = scene.job();
      const solution = await scene.adapter.solve(
        ask(creating(['zlib', 'numpy', 'python=3.12', 'pkg-006'])),
        job,
      );
      expect(scene.calls()).toEqual(['04-add-several#0']);
      const manifest = path.join(job.scratch, 'project/pixi.toml');
      expect(job.commands[0]!.args).toEqual([
        'add',
        '--no-install',
        '--manifest-path',
        manifest,
        '--',
        'zlib',
        'numpy',
        'python=3.12',
        'pkg-006',
      ]);
      expect(
        Object.keys(job.commands[0]!.env)
          .filter((name) => name.startsWith('PIXI_'))
          .toSorted(),
      ).toEqual(['PIXI_CACHE_DIR', 'PIXI_COLOR', 'PIXI_NO_CONFIG', 'PIXI_NO_WRAP']);
      expect(solution.manifest).toContain('numpy = ">=2.2.0,<3"');
      expect(solution.packages).toContainEqual({
        name: 'python',
        version: '3.12.1',
        kind: 'conda',
        build: 'h0a1b2c3_0_cpython',
      });
    });

    it('starts from the lock of the base revision', async () => {
      const scene = await play();
      const base = revision('zlib = ">=1.3.1,<2"', recorded('12-remove-not-a-dependency'));
      const solution = await scene.adapter.solve(ask(installing(['openssl']), { base }), scene.job());
      expect(scene.calls()).toEqual(['03-add-ok#0']);
      expect(solution.packages.map((one) => one.name)).toContain('openssl');
    });

    it('takes an addition of what is there already for done', async () => {
      const scene = await play();
      const job = scene.job();
      const first = revision('zlib = ">=1.3.1,<2"', recorded('12-remove-not-a-dependency'));
      const base = await scene.adapter.solve(ask(installing(['openssl']), { base: first }), scene.job());
      const again = await scene.adapter.solve(ask(installing(['openssl']), { base }), job);
      expect(scene.calls()).toEqual(['03-add-ok#0', '03-add-ok#1']);
      expect(again.digest).toBe(base.digest);
    });

    it('removes', async () => {
      const scene = await play();
      const base = revision('zlib = "*"\nopenssl = ">=3,<4"', recorded('11-remove-ok'));
      const solution = await scene.adapter.solve(
        ask({ type: 'remove', packages: ['zlib'] }, { base }),
        scene.job(),
      );
      expect(scene.calls()).toEqual(['11-remove-ok#1']);
      expect(solution.manifest).not.toContain('zlib');
    });

    it('updates one package, then all', async () => {
      const scene = await play();
      const base = revision('numpy = "*"\npython = "3.12.*"\nopenssl = "*"', recorded('21-update'));
      const one = await scene.adapter.solve(
        ask({ type: 'update', packages: ['numpy'] }, { base }),
        scene.job(),
      );
      const all = await scene.adapter.solve(
        ask({ type: 'update', packages: null }, { base: one }),
        scene.job(),
      );
      expect(scene.calls()).toEqual(['21-update#2', '21-update#3']);
      const versions = (packages: { name: string; version: string }[]) =>
        Object.fromEntries(packages.map((item) => [item.name, item.version]));
      expect(versions(one.packages)).toMatchObject({ numpy: '2.2.0', openssl: '3.0.15' });
      expect(versions(all.packages)).toMatchObject({ numpy: '2.2.0', openssl: '3.4.0' });
    });

    it('insists on no name map and no builds, in new manifests and in given ones', async () => {
      const scene = await play();
      const made = await scene.adapter.solve(ask(creating([])), scene.job());
      const given = await scene.adapter.solve(
        ask({ type: 'apply', manifest: MANIFEST, lockfile: null }),
        scene.job(),
      );
      for (const { manifest } of [made, given]) {
        expect(manifest).toContain('conda-pypi-map = false');
        expect(manifest).toContain('[pypi-options]\nno-build = true');
        expect(manifest).toContain('platforms = ["linux-64"]');
      }
      expect(scene.calls()).toEqual(['22-manifest-malformed#1', '18-install-frozen#0']);
    });

    describe('PyPI packages', () => {
      const withPython = { python: '3.12' };

      it('are refused without a sandbox, before anything is spawned', async () => {
        const scene = await play();
        const error = await failureOf(
          scene,
          scene.adapter.solve(ask(creating([], ['top-lib']), withPython), scene.job()),
        );
        expect(error).toMatchObject({ code: 'needs_sandbox', family: 'operational' });
        expect(scene.calls()).toEqual([]);
      });

      it('are added, installed and listed in a sandbox', async () => {
        const scene = await play();
        const one = await scene.adapter.solve(ask(creating([], ['top-lib']), withPython), scene.job(true));
        const two = await scene.adapter.solve(
          ask(installing([], ['leaf-lib==1.0.0']), { base: one }),
          scene.job(true),
        );
        const tree = newTree(store);
        await scene.adapter.writeTree(tree, two.digestInputs);
        await scene.adapter.install(tree, two.digestInputs, scene.job(true));
        await scene.adapter.verify(tree, two.digestInputs, scene.job(true));
        const { packages, pythonVersion } = await scene.adapter.inventory(tree, two.manifest);
        expect(scene.calls()).toEqual(['08-add-pypi#1', '08-add-pypi#4', '08-add-pypi#5']);
        expect(packages).toContainEqual(
          expect.objectContaining({ name: 'leaf-lib', kind: 'pypi', explicit: true, requested: '==1.0.0' }),
        );
        expect(pythonVersion).toBe('3.12.1');
      });

      it('need a python, and say so', async () => {
        const scene = await play();
        const error = await failureOf(
          scene,
          scene.adapter.solve(ask(creating([], ['top-lib'])), scene.job(true)),
        );
        expect(error).toMatchObject({
          code: 'python_unavailable',
          message: expect.stringContaining('add `python`'),
        });
      });

      it('that exist only as source are not built', async () => {
        const scene = await play();
        const { manifest } = revision('python = "3.12.*"', '', '[pypi-dependencies]\ncodeful = "*"\n');
        const error = await failureOf(
          scene,
          scene.adapter.solve(ask({ type: 'apply', manifest, lockfile: null }), scene.job(true)),
        );
        expect(error).toMatchObject({
          code: 'needs_source_build',
          message: expect.stringContaining('`codeful`'),
        });
      });
    });

    it.each([
      ['no candidate', creating(['numpy>=99']), 'unsatisfiable'],
      ['a dependency that is missing', creating(['needs-missing']), 'unsatisfiable'],
      ['one unknown among known', creating(['zlib', 'no-such-package-at-all']), 'package_not_found'],
    ])('tells failures apart: %s', async (_name, change, code) => {
      const scene = await play();
      expect(await failureOf(scene, scene.adapter.solve(ask(change), scene.job()))).toMatchObject({
        code,
        family: 'user',
      });
    });

    it('calls an unreachable channel operational', async () => {
      const scene = await play({ recordings: ['27-channel-unreachable'] });
      const { manifest } = revision('zlib = "*"', '');
      const error = await failureOf(
        scene,
        scene.adapter.solve(ask({ type: 'apply', manifest, lockfile: null }), scene.job()),
      );
      expect(error).toMatchObject({ code: 'network', family: 'operational' });
    });

    it('says which virtual package is missing', async () => {
      const scene = await play({ recordings: ['36-virtual-packages-and-platforms'] });
      const { manifest } = revision('needs-cuda = "*"', '');
      const error = await failureOf(
        scene,
        scene.adapter.solve(ask({ type: 'apply', manifest, lockfile: null }), scene.job()),
      );
      expect(error).toMatchObject({ code: 'unsatisfiable', extract: expect.stringContaining('__cuda >=12') });
    });

    it('refuses a workspace without platforms: pixi locks it to nothing and exits with 0', async () => {
      const scene = await play();
      const manifest = MANIFEST.replace('platforms = ["linux-64"]\n', '');
      const error = await failureOf(
        scene,
        scene.adapter.solve(ask({ type: 'apply', manifest, lockfile: null }), scene.job()),
      );
      expect(error.code).toBe('manifest_invalid');
      expect(scene.calls()).toEqual([]);
    });

    it('takes `[activation]` for what it is: code that would run during an installation', async () => {
      const scene = await play();
      const manifest = `${MANIFEST}\n[activation]\nscripts = ["x.sh"]\n`;
      const error = await failureOf(
        scene,
        scene.adapter.solve(ask({ type: 'apply', manifest, lockfile: null }), scene.job(true)),
      );
      expect(error.code).toBe('manifest_not_allowed');
      expect(scene.calls()).toEqual([]);
    });

    it.each(['nothing', 'partial'] as const)(
      'does not believe exit code 0 when %s was installed',
      async (install) => {
        const scene = await play({ install });
        const solution = await scene.adapter.solve(
          ask({ type: 'apply', manifest: MANIFEST, lockfile: null }),
          scene.job(),
        );
        const tree = newTree(store);
        await scene.adapter.writeTree(tree, solution.digestInputs);
        await scene.adapter.install(tree, solution.digestInputs, scene.job());
        const error = await failureOf(scene, scene.adapter.verify(tree, solution.digestInputs, scene.job()));
        expect(error.code).toBe('verification_failed');
      },
    );

    it('does not believe a tree without a lockfile, for which pixi would list nothing and exit with 0', async () => {
      const scene = await play();
      const solution = await scene.adapter.solve(
        ask({ type: 'apply', manifest: MANIFEST, lockfile: null }),
        scene.job(),
      );
      const tree = newTree(store);
      await scene.adapter.writeTree(tree, solution.digestInputs);
      await scene.adapter.install(tree, solution.digestInputs, scene.job());
      rmSync(path.join(tree, 'pixi.lock'));
      expect(
        (await failureOf(scene, scene.adapter.verify(tree, solution.digestInputs, scene.job()))).code,
      ).toBe('verification_failed');
    });

    it('says that a hash differs, and never calls that a network fault', async () => {
      const scene = await play({ recordings: ['48-integrity', '18-install-frozen'] });
      const job = scene.job();
      const text = JSON.parse(
        readFileSync(
          path.join(import.meta.dirname, '../../testing/src/scripted-pixi/fixtures/48-integrity.json'),
          'utf8',
        ),
      );
      const { stderr } = text.steps[1];
      const failed = {
        exitCode: 1,
        signal: null,
        stdout: '',
        stderr,
        cancelled: false,
        timedOut: false,
        durationMs: 1,
      };
      const error = await failureOf(
        scene,
        scene.adapter.solve(ask(creating(['bad-sha'])), { ...job, run: async () => failed }),
      );
      expect(error).toMatchObject({ code: 'integrity', family: 'operational' });
    });

    it('works in a fresh folder: what an earlier attempt left cannot matter', async () => {
      const scene = await play();
      const job = scene.job();
      const project = path.join(job.scratch, 'project/.pixi');
      mkdirSync(project, { recursive: true });
      writeFileSync(path.join(project, 'config.toml'), 'run-post-link-scripts = "insecure"\n');
      await scene.adapter.solve(ask(creating([])), job);
      expect(scene.calls()).toEqual(['22-manifest-malformed#1']);
    });
  });
});
