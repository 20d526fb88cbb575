/** What happens to what lies on disk, and to the clock. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from '../stage/stage.js';
import { at } from './fault.js';
import type { FaultKind } from './fault.js';

const run = promisify(execFile);

/** Below the floor at which a worker stops jobs, and nothing at all. */
const LEFT_BYTES = [20 * 1024 * 1024, 0];
const CLOCK_STEPS_SECONDS = [-7_200, -3_600, -60, -5, 5, 60, 3_600, 7_200];

/** Trees lose their write permissions when they are done. */
async function removeByForce(path: string): Promise<void> {
  await run('chmod', ['-R', 'u+w', path]).catch(() => undefined);
  await run('rm', ['-rf', path]);
}

function environmentFolders(stage: Stage): string[] {
  return stage.stores.flatMap((store) => {
    const folder = join(store, 'environments');
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
}

export const DISK_FAULTS: FaultKind[] = [
  {
    name: 'disk-full',
    weight: 4,
    durationMs: [2_000, 12_000],
    group: 'disk',
    strike: async ({ stage, plan, hold }) => {
      const disk = at(stage.disks, plan.target)!;
      if (!disk.isOwn) return null;
      const left = at(LEFT_BYTES, plan.variant)!;
      await disk.fill(left);
      await hold();
      disk.free();
      return `${basename(disk.folder)}, ${left} bytes left`;
    },
  },
  {
    name: 'tree-removed',
    weight: 3,
    durationMs: [0, 0],
    strike: async ({ stage, plan }) => {
      const trees = (await Promise.all(stage.disks.map((disk) => disk.trees()))).flat();
      const tree = at(trees, plan.target);
      if (!tree) return null;
      const path = plan.variant < 0.5 ? tree : join(tree, '.venv');
      await removeByForce(path);
      return path.slice(stage.folder.length + 1);
    },
  },
  {
    name: 'link-removed',
    weight: 3,
    durationMs: [0, 0],
    strike: async ({ stage, plan }) => {
      const folder = at(environmentFolders(stage), plan.target);
      if (!folder) return null;
      const link = join(folder, 'current');
      rmSync(link, { force: true });
      // Somebody who "repaired" it by hand is worse than somebody who removed it.
      if (plan.variant < 0.3) symlinkSync('revisions/0', link);
      return link.slice(stage.folder.length + 1);
    },
  },
  {
    name: 'clock-step',
    weight: 4,
    durationMs: [3_000, 15_000],
    group: 'clock',
    strike: async ({ stage, plan, hold }) => {
      if (!stage.clock) return null;
      const seconds = at(CLOCK_STEPS_SECONDS, plan.variant)!;
      stage.clock.step(seconds);
      await hold();
      stage.clock.reset();
      return `worker-2 by ${seconds} s`;
    },
  },
];
