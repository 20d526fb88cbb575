import { lstat, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ArtifactAnswer, PackageRecord } from '@darb/models';
import {
  makeReadOnly,
  type LockedPackage,
  type PackageManagerAdapter,
  type RunContext,
  type Solution,
} from '@darb/package-manager';
import type { JobsClient } from '../jobs/jobs.client.js';
import type { Machine } from '../machine/machine.js';
import { removeTree } from '../store/trees.js';
import { createToolRunner } from '../tools/tool-runner.js';
import { succeeded, type RunResult } from './finish-request.js';
import type { JobRun } from './job-run.js';
import { classifyWith, RunFailure } from './run-errors.js';
import { solveRequestOf } from './solve-request.js';

/** The machine is not what the worker reported any more. */
const TOOL_GONE = new Set(['package_manager_unavailable', 'interpreter_missing']);

/** Does the work of one order: solve, reserve, install, verify. Publishing comes after the commit, see JobRun. */
export class Performer {
  constructor(
    private readonly machine: Machine,
    private readonly jobs: JobsClient,
  ) {}

  async perform(run: JobRun): Promise<RunResult> {
    const { order } = run;
    if (order.type === 'delete') return succeeded();
    const baseTree = await this.baseTree(run);
    const request = solveRequestOf(order, baseTree);
    if (request === null) throw unsupported(order.type);
    const { adapter, report } = this.machine.manager(order.package_manager);
    const tools = new Set<Promise<unknown>>();
    const context = this.context(run, report, tools);
    try {
      const solution = await run.phase('solve', () => adapter.solve(request, context));
      if (order.type === 'plan') return planned(solution);
      return await this.provide(run, adapter, context, solution);
    } catch (error) {
      const failure = classifyWith((one) => adapter.classify(one), error);
      if (TOOL_GONE.has(failure.code)) void this.machine.lookAgain();
      throw new RunFailure(failure);
    } finally {
      // Also a tool of work that was given up: the run is not over before its processes are gone.
      await Promise.allSettled(tools);
    }
  }

  /** The solution's tree, ready: an existing one or a new one. */
  private async provide(
    run: JobRun,
    adapter: PackageManagerAdapter,
    context: RunContext,
    solution: Solution,
  ): Promise<RunResult> {
    const { job_id: jobId } = run.order;
    const artifact = await this.jobs.artifact(
      jobId,
      run.epoch,
      { digest: solution.digest },
      run.control.epochOver,
    );
    const tree = this.machine.store.tree(artifact.path);
    if (artifact.state === 'build') {
      await run.willBuild(artifact.path);
      await this.build(run, adapter, context, solution, tree);
    } else run.log.say('install', `an artifact with these packages is there already: ${artifact.path}`);
    // The log so far is on its way while the tree is read; what fails here fails again before the report.
    void run.log.flush().catch(() => undefined);
    const inventory = await adapter.inventory(tree, solution.manifest);
    return succeeded({
      ...revisionParts(solution, artifact),
      packages: inventory.packages,
      size_bytes: inventory.sizeBytes,
      file_count: inventory.fileCount,
      python_version: inventory.pythonVersion,
    });
  }

  private async build(
    run: JobRun,
    adapter: PackageManagerAdapter,
    context: RunContext,
    { digestInputs }: Solution,
    tree: string,
  ): Promise<void> {
    const onProgress = (progress: JobRun['progress']) => {
      run.progress = progress;
    };
    await run.phase('install', async () => {
      // Left by this same epoch? An artifact's path is never given twice, so this is only a precaution.
      await removeTree(tree);
      await mkdir(dirname(tree), { recursive: true, mode: 0o750 });
      await adapter.writeTree(tree, digestInputs);
      await adapter.install(tree, digestInputs, context, onProgress);
    });
    await run.phase('verify', async () => {
      const checked = adapter.verify(tree, digestInputs, context, onProgress);
      const { filesChecked, warnings } = await run.control.unlessStopped(checked);
      run.log.say('verify', `${filesChecked} files are as recorded`);
      for (const warning of warnings) run.log.say('verify', `warning: ${warning}`);
      await makeReadOnly(tree);
    });
  }

  private context(run: JobRun, report: RunContext['report'], tools: Set<Promise<unknown>>): RunContext {
    const { order, log, control, scratch } = run;
    const { sandbox, store, markPrefix } = this.machine;
    const pool = { name: order.pool, path: store.pool(order.pool) };
    log.redactor.add(order.index_credentials.map(({ password }) => password));
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
      credentials: order.index_credentials,
    };
  }

  private async baseTree(run: JobRun): Promise<string | null> {
    const { base_revision: base, environment_id: id } = run.order;
    if (base === null) return null;
    const tree = await realpath(join(this.machine.store.environment(id), 'revisions', String(base))).catch(
      () => null,
    );
    // Only what still lies in a pool's store; a link that somebody made by hand is not followed.
    if (tree === null || basename(dirname(tree)) !== 'store') return null;
    return (await lstat(tree)).isDirectory() ? tree : null;
  }
}

function revisionParts(solution: Solution, artifact: ArtifactAnswer | null): Partial<RunResult> {
  return {
    manifest: solution.manifest,
    lockfile: solution.lockfile,
    digest: solution.digest,
    tool_version: solution.toolVersion,
    artifact_id: artifact?.artifact_id ?? null,
  };
}

/** A plan installs nothing: its packages are those that the lockfile names. */
function planned(solution: Solution): RunResult {
  return succeeded({ ...revisionParts(solution, null), packages: solution.packages.map(toRecord) });
}

function toRecord({ name, version, kind, build }: LockedPackage): PackageRecord {
  const unknown = { channel: null, explicit: false, requested: null, size_bytes: null, license: null };
  return { name, version, kind, build, ...unknown };
}

function unsupported(type: string): RunFailure {
  const message = `This worker is too old for jobs of type "${type}": update it to the version of the other services.`;
  return new RunFailure({ code: 'job_type_unsupported', family: 'operational', message, extract: null });
}
