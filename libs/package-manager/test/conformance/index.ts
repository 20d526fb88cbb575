/** What every adapter must do, whichever tool is behind it. Each adapter's spec runs this suite. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStore } from '../support.js';
import { describeGuards, describeSolving, describeUnsolvable } from './solving.js';
import { Stage, type Subject } from './stage.js';
import { describeStopping } from './stopping.js';
import { describeDamage, describeLooks, describeTrees } from './trees.js';

export type { Subject } from './stage.js';

export function describeAdapter(name: string, subject: Subject): void {
  describe(`${name} as a package manager`, () => {
    const stage = new Stage(subject, makeStore());
    beforeAll(() => stage.open());
    afterAll(() => stage.store.remove());

    it('reports its version, and that it is available', () => {
      expect(stage.report).toMatchObject({ available: true, reason: null });
      expect(stage.report.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(path.isAbsolute(stage.report.path!)).toBe(true);
    });

    it('says in a sentence why it is absent and how to install it', async () => {
      const absent = await subject.broken().detect();
      expect(absent).toMatchObject({ available: false, version: null, interpreters: [] });
      expect(absent.reason).toMatch(/not available: .*\. Install .*DARB_PACKAGE_MANAGER_/);
    });

    describeSolving(stage);
    describeUnsolvable(stage);
    describeGuards(stage);
    describeStopping(stage);
    describeTrees(stage);
    describeLooks(stage);
    describeDamage(stage);
  });
}
