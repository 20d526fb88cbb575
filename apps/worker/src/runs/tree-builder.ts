import { lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArtifactAnswer, PackageManagerType } from '@darb/models';
import {
  makeReadOnly,
  type DigestInputs,
  type PackageManagerAdapter,
  type RunContext,
} from '@darb/package-manager';
import type { JobsClient } from '../jobs/jobs.client.js';
import type { Machine } from '../machine/machine.js';
import { removeTree } from '../store/trees.js';
import { createToolRunner } from '../tools/tool-runner.js';
import type { JobRun } from './job-run.js';
import { classifyWith, RunFailure } from './run-errors.js';

/** The machine is not what the worker reported any more. */
const TOOL_GONE = new Set(['package_manager_unavailable', 'interpreter_missing']);

/** One package manager's tools, as one run may use them. */
export interface Bench {
  adapter: PackageManagerAdapter;
  context: RunContext;
}

export interface ProvidedTree {
  artifact: ArtifactAnswer;
  /** Absolute. */
  tree: string;
  warnings: string[];
}

/** Provides trees for a run: takes over those that are there and whole, builds the others. */
export class TreeBuilder {
  constructor(
    private readonly machine: Machine,
    private readonly jobs: JobsClient,
  ) {}

  /** Runs `work` with a package manager's tools; errors come out as the adapter explains them. */
  async using<T>(
    run: JobRun,
    manager: { type: PackageManagerType; pool: string; credentials: RunContext['credentials'] },
    work: (bench: Bench) => Promise<T>,
  ): Promise<T> {
    const { adapter, report } = this.machine.manager(manager.type);
    const tools = new Set<Promise<unknown>>();
    const context = this.context(run, report, manager, tools);
    try {
      return await work({ adapter, context });
    } catch (error) {
      const failure = classifyWith((one) => adapter.classify(one), error);
      if (TOOL_GONE.has(failure.code)) void this.machine.lookAgain();
      throw new RunFailure(failure);
    } finally {
      // Also a tool of work that was given up: the run is not over before its processes are gone.
      await Promise.allSettled(tools);
    }
  }

  /**
   * The tree of a digest in this store. One that is there is looked at first: what was removed or changed on disk is
   * reported as damaged, and built again somewhere else.
   */
  async provide(
    run: JobRun,
    bench: Bench,
    digest: string,
    inputs: DigestInputs,
    damagedCopyId?: string,
  ): Promise<ProvidedTree> {
    let artifact = await this.reserve(run, digest, damagedCopyId);
    if (artifact.state === 'reuse') {
      const tree = this.machine.store.tree(artifact.path);
      const fault = await bench.adapter.look(tree, inputs);
      if (fault === null) {
        run.log.say('install', `These packages are installed already: ${artifact.path}`);
        return { artifact, tree, warnings: [] };
      }
      run.log.say('install', `${artifact.path} is damaged and is built again: ${fault.message}`);
      artifact = await this.reserve(run, digest, artifact.copy_id);
    }
    const tree = this.machine.store.tree(artifact.path);
    const isTakenOver = artifact.state === 'reuse';
    const warnings = isTakenOver ? [] : await this.build(run, bench, inputs, artifact.path, tree);
    return { artifact, tree, warnings };
  }

  /** Whether a folder is there at all; what is in it is the adapter's to judge. */
  async isThere(path: string): Promise<boolean> {
    const found = await lstat(this.machine.store.tree(path)).catch(() => null);
    return found?.isDirectory() ?? false;
  }

  private reserve(run: JobRun, digest: string, damagedCopyId?: string): Promise<ArtifactAnswer> {
    const request = damagedCopyId === undefined ? { digest } : { digest, damaged_copy_id: damagedCopyId };
    return this.jobs.artifact(run.order.job_id, run.epoch, request, run.control.epochOver);
  }

  private async build(
    run: JobRun,
    { adapter, context }: Bench,
    inputs: DigestInputs,
    path: string,
    tree: string,
  ): Promise<string[]> {
    const onProgress = (progress: JobRun['progress']) => {
      run.progress = progress;
    };
    await run.willBuild(path);
    await run.phase('install', async () => {
      // Left by this same epoch? A path is never given twice, so this is only a precaution.
      await removeTree(tree);
      await mkdir(dirname(tree), { recursive: true, mode: 0o750 });
      await adapter.writeTree(tree, inputs);
      await adapter.install(tree, inputs, context, onProgress);
    });
    return run.phase('verify', async () => {
      const checked = adapter.verify(tree, inputs, context, onProgress);
      const { filesChecked, warnings } = await run.control.unlessStopped(checked);
      run.log.say('verify', `${filesChecked} files are as recorded`);
      for (const warning of warnings) run.log.say('verify', `warning: ${warning}`);
      await makeReadOnly(tree);
      return warnings;
    });
  }

  private context(
    run: JobRun,
    report: RunContext['report'],
    { pool: name, credentials }: { pool: string; credentials: RunContext['credentials'] },
    tools: Set<Promise<unknown>>,
  ): RunContext {
    const { log, control, scratch } = run;
    const { sandbox, store, markPrefix } = this.machine;
    const pool = { name, path: store.pool(name) };
    log.redactor.add(credentials.map(({ password }) => password));
    const runTool = createToolRunner({ sandbox, pool: pool.path, log, control, markPrefix });
    return {
      run: (command) => {
        const ended = runTool(command);
        tools.add(ended);
        return ended;
      },
      log: (text) => log.say(run.progress?.phase ?? null, text),
      report,
      pool,
      scratch,
      sandboxed: sandbox.report.mode === 'bwrap',
      credentials,
    };
  }
}
