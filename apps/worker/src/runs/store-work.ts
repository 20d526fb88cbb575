import type { JobResult, StoreOrder, StoreTree, TreeAnswer } from '@darb/models';
import { SHARED_POOL } from '@darb/models';
import type { DigestInputs } from '@darb/package-manager';
import type { JobsClient } from '../jobs/jobs.client.js';
import type { Machine } from '../machine/machine.js';
import type { Publisher } from '../publish/publisher.js';
import { unknownTrees } from '../store/unknown-trees.js';
import { removeTree } from '../store/trees.js';
import type { WorkerRecords } from '../store/worker-records.js';
import { succeeded, type RunResult } from './finish-request.js';
import type { JobRun } from './job-run.js';
import type { TreeBuilder } from './tree-builder.js';
import type { Committed, Work } from './work.js';

/** Works on the store itself: looks at its trees and links, builds damaged trees again, deletes what nothing needs. */
export class StoreWork implements Work {
  constructor(
    private readonly run: JobRun,
    private readonly order: StoreOrder,
    private readonly machine: Machine,
    private readonly jobs: JobsClient,
    private readonly trees: TreeBuilder,
    private readonly publisher: Publisher,
    private readonly records: Pick<WorkerRecords, 'sweep'>,
  ) {}

  async perform(): Promise<RunResult> {
    const { change } = this.order;
    if (change.type === 'verify') return this.run.phase('verify', () => this.verify());
    if (change.type === 'repair') return this.repair();
    const orphans = await unknownTrees(this.machine.store, this.order.known_paths);
    if (!change.dry_run) return succeeded({ result: {} });
    for (const { path } of this.order.trees) this.say(`would delete ${path}`);
    for (const path of orphans) this.say(`would delete ${path}, which the database does not know`);
    return succeeded({ result: { trees: this.order.trees.length, unknown_trees: orphans.length } });
  }

  committed(): Committed {
    return { revision: null, artifact_path: null };
  }

  /** Deletes; everything else was done before. */
  async publish(): Promise<JobResult | null> {
    if (this.order.change.type !== 'collect') return null;
    const { store } = this.machine;
    const freeBefore = await store.freeBytes();
    const deleted: string[] = [];
    for (const { copy_id: copyId, path } of this.order.trees) {
      this.run.control.throwIfStopped();
      await removeTree(store.tree(path));
      deleted.push(copyId);
    }
    const orphans = await unknownTrees(store, this.order.known_paths);
    for (const path of orphans) await removeTree(store.tree(path));
    const leftovers = await this.records.sweep();
    const freed = Math.max(0, (await store.freeBytes()) - freeBefore);
    this.say(`deleted ${deleted.length} trees and ${orphans.length} that the database does not know`);
    return {
      deleted_copy_ids: deleted,
      unknown_trees: orphans.length,
      dead_workers: leftovers.length,
      freed_bytes: freed,
    };
  }

  async rebuild(): Promise<RunResult> {
    throw new Error('Work on a store publishes no tree.');
  }

  async correct(): Promise<void> {
    // There are no links of its own.
  }

  private async verify(): Promise<RunResult> {
    const damaged: string[] = [];
    for (const [index, tree] of this.order.trees.entries()) {
      this.run.control.throwIfStopped();
      this.run.progress = { phase: 'verify', done: index, total: this.order.trees.length };
      const fault = await this.look(tree);
      if (fault === null) continue;
      damaged.push(tree.copy_id);
      this.say(`${tree.path} is damaged: ${fault}`);
    }
    let links = 0;
    for (const { environment_id: id, revision, path } of this.order.links) {
      this.run.control.throwIfStopped();
      if (!(await this.trees.isThere(path))) continue;
      if (!(await this.publisher.restore(id, revision, path))) continue;
      links += 1;
      this.say(`the links of environment ${id} point at revision ${revision} again`);
    }
    this.say(
      `${this.order.trees.length} trees looked at, ${damaged.length} damaged, ${links} links put right`,
    );
    const checked = this.order.trees.length;
    return succeeded({ result: { checked, damaged_copy_ids: damaged, links_restored: links } });
  }

  /** What is wrong with a tree, as a sentence. */
  private async look(tree: StoreTree): Promise<string | null> {
    const path = this.machine.store.tree(tree.path);
    if (!(await this.trees.isThere(tree.path))) return 'its folder is gone';
    const { package_manager: manager, inputs } = await this.recipeOf(tree);
    if (inputs === null) return null;
    const fault = await this.machine.manager(manager).adapter.look(path, inputs as unknown as DigestInputs);
    return fault?.message ?? null;
  }

  private async repair(): Promise<RunResult> {
    const rebuilt: string[] = [];
    const failed: { path: string; message: string }[] = [];
    for (const tree of this.order.trees) {
      this.run.control.throwIfStopped();
      try {
        rebuilt.push(await this.rebuildTree(tree));
        this.say(`${tree.path} is built again`);
      } catch (error) {
        // One tree that can't be built must not keep the others from it.
        this.run.control.throwIfStopped();
        const { message } = error as Error;
        failed.push({ path: tree.path, message });
        this.say(`${tree.path} can not be built again: ${message}`);
      }
    }
    return succeeded({ result: { rebuilt_copy_ids: rebuilt, failed } });
  }

  private async rebuildTree(tree: StoreTree): Promise<string> {
    const { package_manager: type, digest, inputs } = await this.recipeOf(tree);
    if (inputs === null) throw new Error('what it was built from is not known');
    const pool = SHARED_POOL;
    const { artifact } = await this.trees.using(this.run, { type, pool, credentials: [] }, (bench) =>
      this.trees.provide(this.run, bench, digest, inputs as unknown as DigestInputs),
    );
    return artifact.copy_id;
  }

  private recipeOf({ copy_id }: StoreTree): Promise<TreeAnswer> {
    return this.jobs.tree(this.order.job_id, this.run.epoch, { copy_id }, this.run.control.epochOver);
  }

  private say(text: string): void {
    this.run.log.say(this.run.progress?.phase ?? null, text);
  }
}
