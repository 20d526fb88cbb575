import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReadOnly, removeTree, type Solution } from '../../src/index.js';
import { creating, newTree } from '../support.js';
import { failureOf, type Stage } from './stage.js';

export function describeTrees(stage: Stage): void {
  describe('a tree', () => {
    let solution: Solution;
    let tree: string;

    beforeAll(async () => {
      solution = await stage.solveInstallable();
      tree = await stage.install(solution);
    });

    it('is never built in place', async () => {
      await expect(stage.adapter.writeTree(tree, solution.digestInputs)).rejects.toThrow(
        /never built in place/,
      );
    });

    it('names no environment and no person: its texts depend on the digest alone', async () => {
      const other = await stage.adapter.solve(
        stage.ask(stage.subject.installable.change, { environmentName: 'somebody-else' }),
        stage.job(),
      );
      const twin = newTree(stage.store);
      await stage.adapter.writeTree(twin, other.digestInputs);
      const files = stage.adapter.type === 'uv' ? ['pyproject.toml', 'uv.lock'] : ['pixi.toml', 'pixi.lock'];
      for (const file of files) {
        expect(readFileSync(path.join(twin, file), 'utf8')).toBe(readFileSync(path.join(tree, file), 'utf8'));
        expect(readFileSync(path.join(twin, file), 'utf8')).not.toContain('somebody-else');
      }
    });

    it('passes verification, reports progress, and lists what was asked for', async () => {
      const progress: unknown[] = [];
      const outcome = await stage.adapter.verify(tree, solution.digestInputs, stage.job(), (one) =>
        progress.push(one),
      );
      expect(outcome.filesChecked).toBeGreaterThan(0);
      expect(progress.at(-1)).toEqual({
        phase: 'verify',
        done: outcome.filesChecked,
        total: outcome.filesChecked,
      });
      const inventory = await stage.adapter.inventory(tree, solution.manifest);
      const { package: asked, version } = stage.subject.installable;
      const found = inventory.packages.find((one) => one.name === asked);
      expect(found).toMatchObject({ version, explicit: true });
      expect(found!.size_bytes).toBeGreaterThan(0);
      expect(inventory.packages.map((one) => one.name)).toEqual(solution.packages.map((one) => one.name));
      expect(inventory.fileCount).toBeGreaterThan(0);
      expect(inventory.sizeBytes).toBeGreaterThan(0);
    });

    it('is only read for its inventory', async () => {
      // A tree of somebody else's code: whatever can be started in it must not matter.
      const other = await stage.install(solution);
      rmSync(path.join(other, stage.adapter.type === 'uv' ? '.venv/bin' : '.pixi/envs/default/bin'), {
        recursive: true,
        force: true,
      });
      const inventory = await stage.adapter.inventory(other, solution.manifest);
      expect(inventory.packages.length).toBe(solution.packages.length);
    });
  });
}

/** Name of the damage, how it is done, and what `look` says of it. */
function damagesOf({ subject }: Stage): [string, (tree: string) => void, string][] {
  const texts = () =>
    subject.adapter().type === 'uv' ? ['pyproject.toml', 'uv.lock'] : ['pixi.toml', 'pixi.lock'];
  return [
    ['is gone', (tree) => rmSync(tree, { recursive: true }), 'tree_missing'],
    ['has no prefix', (tree) => rmSync(path.join(tree, subject.prefix), { recursive: true }), 'tree_damaged'],
    [
      'lacks the record of a package',
      (tree) => rmSync(path.join(tree, subject.installedRecord), { recursive: true }),
      'tree_damaged',
    ],
    [
      'has another lockfile',
      (tree) => appendFileSync(path.join(tree, texts()[1]!), '# changed\n'),
      'tree_damaged',
    ],
    [
      'has another manifest',
      (tree) => writeFileSync(path.join(tree, texts()[0]!), 'changed\n'),
      'tree_damaged',
    ],
    ['has no lockfile', (tree) => rmSync(path.join(tree, texts()[1]!)), 'tree_damaged'],
  ];
}

export function describeLooks(stage: Stage): void {
  describe('a tree that is there already', () => {
    let solution: Solution;

    beforeAll(async () => {
      solution = await stage.solveInstallable();
    });

    it.each(damagesOf(stage))('is not whole when it %s', async (_name, damage, code) => {
      const tree = await stage.install(solution);
      damage(tree);
      const fault = await stage.adapter.look(tree, solution.digestInputs);
      expect(fault).toMatchObject({ code, message: expect.stringMatching(/\.$/) });
    });

    it('is whole as it was built, writable or read-only, after another worker parsed its lockfile', async () => {
      const tree = await stage.install(solution);
      expect(await stage.adapter.look(tree, solution.digestInputs)).toBeNull();
      await makeReadOnly(tree);
      expect(await stage.adapter.look(tree, structuredClone(solution.digestInputs))).toBeNull();
    });

    it('is whole when it holds no packages', async () => {
      const empty = await stage.adapter.solve(stage.ask(creating([])), stage.job());
      const tree = newTree(stage.store);
      await stage.adapter.writeTree(tree, empty.digestInputs);
      // No recording of pixi installs nothing; what it leaves then is an empty folder of records.
      if (stage.adapter.type === 'pixi')
        mkdirSync(path.join(tree, stage.subject.prefix, 'conda-meta'), { recursive: true });
      else await stage.adapter.install(tree, empty.digestInputs, stage.job());
      expect(await stage.adapter.look(tree, empty.digestInputs)).toBeNull();
      expect((await stage.adapter.inventory(tree, empty.manifest)).packages).toEqual([]);
    });

    it('never reads as an environment without packages when its prefix or records are gone', async () => {
      const withoutPrefix = await stage.install(solution);
      rmSync(path.join(withoutPrefix, stage.subject.prefix), { recursive: true });
      const withoutRecords = await stage.install(solution);
      const records = path.dirname(path.join(withoutRecords, stage.subject.installedRecord));
      for (const name of readdirSync(records)) rmSync(path.join(records, name), { recursive: true });
      for (const tree of [withoutPrefix, withoutRecords]) {
        const error = stage.adapter.classify(
          await failureOf(stage.adapter.inventory(tree, solution.manifest)),
        );
        expect(error).toMatchObject({ code: 'tree_damaged', family: 'operational' });
      }
    });
  });
}

export function describeDamage(stage: Stage): void {
  describe('a damaged tree', () => {
    let solution: Solution;

    beforeAll(async () => {
      solution = await stage.solveInstallable();
    });

    it('fails verification when a file changed, and names the file', async () => {
      const other = await stage.install(solution);
      const file = path.join(other, stage.subject.installedFile);
      const changed = readFileSync(file);
      rmSync(file);
      writeFileSync(file, Buffer.concat([changed, Buffer.from('#')]));
      const error = stage.adapter.classify(
        await failureOf(stage.adapter.verify(other, solution.digestInputs, stage.job())),
      );
      expect(error).toMatchObject({ code: 'verification_failed', family: 'operational' });
      expect(error.extract).toContain(path.basename(stage.subject.installedFile));
    });

    it('fails verification when a file is missing', async () => {
      const other = await stage.install(solution);
      rmSync(path.join(other, stage.subject.installedFile));
      const error = stage.adapter.classify(
        await failureOf(stage.adapter.verify(other, solution.digestInputs, stage.job())),
      );
      expect(error).toMatchObject({ code: 'verification_failed' });
      expect(error.extract).toContain('is missing');
    });

    it('fails verification when a package is missing', async () => {
      const other = await stage.install(solution);
      rmSync(path.join(other, stage.subject.installedRecord), { recursive: true });
      const error = stage.adapter.classify(
        await failureOf(stage.adapter.verify(other, solution.digestInputs, stage.job())),
      );
      expect(error).toMatchObject({ code: 'verification_failed' });
      expect(error.extract).toContain(`missing: ${stage.subject.installable.package}`);
    });

    it('can still be verified and read when it is read-only, and be removed then', async () => {
      const other = await stage.install(solution);
      await makeReadOnly(other);
      await stage.adapter.verify(other, solution.digestInputs, stage.job());
      await stage.adapter.inventory(other, solution.manifest);
      await removeTree(other);
      expect(() => chmodSync(other, 0o755)).toThrow(/ENOENT/);
    });
  });
}
