import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EnvironmentChange } from '@darb/models';
import { creating, installing } from '../support.js';
import { failureOf, type Stage } from './stage.js';

export function describeSolving(stage: Stage): void {
  describe('solving', () => {
    it('gives a revision without packages a manifest, a lockfile and a digest', async () => {
      const solution = await stage.adapter.solve(stage.ask(creating([])), stage.job());
      expect(solution.manifest).toContain('name = "my-env"');
      expect(solution.lockfile).not.toBe('');
      expect(solution.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(solution.packages).toEqual([]);
    });

    it('names packages and versions of this platform', async () => {
      const solution = await stage.adapter.solve(stage.ask(stage.subject.installable.change), stage.job());
      const { package: asked, version } = stage.subject.installable;
      expect(solution.packages).toContainEqual(expect.objectContaining({ name: asked, version }));
      expect(solution.toolVersion).toBe(stage.report.version);
    });

    it('gives environments of different names the same digest, and another pool another one', async () => {
      const here = await stage.adapter.solve(stage.ask(stage.subject.installable.change), stage.job());
      const other = await stage.adapter.solve(
        stage.ask(stage.subject.installable.change, { environmentName: 'other' }),
        stage.job(),
      );
      const pool = { ...stage.store.pool, name: 'org-1' };
      const elsewhere = await stage.adapter.solve(
        stage.ask(stage.subject.installable.change),
        stage.job({ pool }),
      );
      expect(other.digest).toBe(here.digest);
      expect(elsewhere.digest).not.toBe(here.digest);
    });

    it('spawns nothing to restore a revision, and finds the same digest and texts', async () => {
      const before = await stage.adapter.solve(stage.ask(stage.subject.installable.change), stage.job());
      const restoring = stage.job();
      const after = await stage.adapter.solve(
        stage.ask({ type: 'rollback', revision: 1 }, { base: before }),
        restoring,
      );
      expect(restoring.commands).toEqual([]);
      expect(after).toMatchObject({
        digest: before.digest,
        manifest: before.manifest,
        lockfile: before.lockfile,
      });
    });
  });
}

export function describeUnsolvable(stage: Stage): void {
  describe('what cannot be solved', () => {
    it('calls a package that does not exist by its name', async () => {
      const change: EnvironmentChange = creating([stage.subject.unknown]);
      const error = stage.adapter.classify(
        await failureOf(stage.adapter.solve(stage.ask(change), stage.job())),
      );
      expect(error).toMatchObject({ code: 'package_not_found', family: 'user' });
      expect(error.message).toContain(stage.subject.unknown);
      expect(error.extract).toContain(stage.subject.unknown);
    });

    it('says that packages contradict each other, and leaves the base as it was', async () => {
      const [first, second] = stage.subject.conflict;
      const base = await stage.adapter.solve(stage.ask(creating(first)), stage.job());
      const copy = { ...base };
      const change: EnvironmentChange = installing(second);
      const error = stage.adapter.classify(
        await failureOf(stage.adapter.solve(stage.ask(change, { base }), stage.job())),
      );
      expect(error).toMatchObject({ code: 'unsatisfiable', family: 'user' });
      expect(error.extract).not.toContain('\u001b');
      expect(base).toEqual(copy);
    });

    it('refuses to remove what was not asked for, before anything is spawned', async () => {
      const base = await stage.adapter.solve(stage.ask(stage.subject.installable.change), stage.job());
      const removing = stage.job();
      const change: EnvironmentChange = { type: 'remove', packages: ['never-asked-for'] };
      const error = stage.adapter.classify(
        await failureOf(stage.adapter.solve(stage.ask(change, { base }), removing)),
      );
      expect(error).toMatchObject({ code: 'package_not_in_environment', family: 'user' });
      expect(removing.commands).toEqual([]);
    });
  });
}

export function describeGuards(stage: Stage): void {
  describe('what reaches the tool', () => {
    it('never hands a spec to the tool that names a place instead of a package', async () => {
      const change: EnvironmentChange = creating([stage.subject.hostile]);
      const adding = stage.job();
      const error = stage.adapter.classify(await failureOf(stage.adapter.solve(stage.ask(change), adding)));
      expect(error).toMatchObject({ code: 'spec_not_allowed', family: 'user' });
      expect(adding.commands.flatMap((command) => command.args)).not.toContain(stage.subject.hostile);
    });

    it('keeps what people write behind `--`, and works below the pool with a cleared environment', async () => {
      process.env['DARB_TEST_SECRET'] = 'must not be seen';
      const adding = stage.job();
      await stage.adapter.solve(stage.ask(creating(stage.subject.conflict[0])), adding);
      delete process.env['DARB_TEST_SECRET'];
      expect(adding.commands.length).toBeGreaterThan(0);
      for (const command of adding.commands) {
        expect(command.cwd.startsWith(stage.store.pool.path)).toBe(true);
        expect(path.isAbsolute(command.file)).toBe(true);
        expect(Object.keys(command.env)).not.toContain('DARB_TEST_SECRET');
        const operands = command.args.indexOf('--');
        const places = stage.subject.conflict[0]
          .map((spec) => command.args.indexOf(spec))
          .filter((at) => at !== -1);
        for (const place of places) expect(place).toBeGreaterThan(operands);
      }
    });
  });
}
