import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makesRevision } from '@darb/models';
import type { EnvironmentChange, EnvironmentOrder, PackageRecord, PublishedAnswer } from '@darb/models';
import type { DigestInputs, LockedPackage, Solution, SolveRequest } from '@darb/package-manager';
import type { Machine } from '../machine/machine.js';
import type { Publisher } from '../publish/publisher.js';
import { succeeded, type RunResult } from './finish-request.js';
import type { JobRun } from './job-run.js';
import { RunFailure } from './run-errors.js';
import type { Bench, ProvidedTree, TreeBuilder } from './tree-builder.js';
import { TreeNotWhole, type Committed, type Work } from './work.js';

/** Enough to build a committed tree again. */
interface TreeRecipe {
  digest: string;
  inputs: DigestInputs;
  copyId: string | null;
}

/** Changes an environment: solve, reserve, install, verify; then, once it is committed, the links. */
export class EnvironmentWork implements Work {
  private recipe: TreeRecipe | null = null;

  constructor(
    private readonly run: JobRun,
    private readonly order: EnvironmentOrder,
    private readonly machine: Machine,
    private readonly trees: TreeBuilder,
    private readonly publisher: Publisher,
  ) {
    const { publish } = order;
    if (publish?.inputs) {
      const inputs = publish.inputs as unknown as DigestInputs;
      this.recipe = { digest: publish.digest, inputs, copyId: publish.copy_id };
    }
  }

  async perform(): Promise<RunResult> {
    const { change } = this.order;
    if (change.type === 'delete') return succeeded();
    const solved = change.type === 'plan' ? change.change : change;
    if (!makesRevision(solved)) throw unsupported(change.type);
    const request = solveRequestOf(this.order, solved, await this.baseTree());
    return this.usingTools(async (bench) => {
      const solution = await this.run.phase('solve', () => bench.adapter.solve(request, bench.context));
      return change.type === 'plan' ? planned(solution) : this.provide(bench, solution);
    });
  }

  committed(): Committed {
    const { publish } = this.order;
    return { revision: publish?.revision ?? null, artifact_path: publish?.path ?? null };
  }

  async publish({ revision, artifact_path: path }: Committed): Promise<null> {
    const { environment_id: environmentId, type } = this.order;
    if (type === 'delete') {
      await this.publisher.remove(environmentId);
      return null;
    }
    if (revision === null) return null;
    if (path === null || !(await this.isWhole(path))) {
      throw new TreeNotWhole(`The tree of revision ${revision} is gone or damaged.`);
    }
    await this.publisher.publish(environmentId, revision, path);
    return null;
  }

  async rebuild(): Promise<RunResult> {
    const { recipe } = this;
    if (recipe === null) {
      const message = 'The tree of this revision is gone, and what it was built from is not known.';
      throw new RunFailure({ code: 'tree_missing', family: 'operational', message, extract: null });
    }
    const { digest, inputs, copyId } = recipe;
    const { artifact } = await this.usingTools((bench) =>
      this.trees.provide(this.run, bench, digest, inputs, copyId ?? undefined),
    );
    recipe.copyId = artifact.copy_id;
    return succeeded({ digest, copy_id: artifact.copy_id, inputs: { ...inputs } });
  }

  async correct(highest: NonNullable<PublishedAnswer['highest']>): Promise<void> {
    await this.publisher.publish(this.order.environment_id, highest.revision, highest.artifact_path);
  }

  /** The solution's tree, ready: an existing one or a new one. */
  private async provide(bench: Bench, solution: Solution): Promise<RunResult> {
    const provided = await this.trees.provide(this.run, bench, solution.digest, solution.digestInputs);
    this.recipe = {
      digest: solution.digest,
      inputs: solution.digestInputs,
      copyId: provided.artifact.copy_id,
    };
    // The log so far is on its way while the tree is read; what fails here fails again before the report.
    void this.run.log.flush().catch(() => undefined);
    const inventory = await bench.adapter.inventory(provided.tree, solution.manifest);
    return succeeded({
      ...revisionParts(solution, provided),
      packages: inventory.packages,
      size_bytes: inventory.sizeBytes,
      file_count: inventory.fileCount,
      python_version: inventory.pythonVersion,
    });
  }

  /** A tree that this run did not build itself is looked at before people are led to it. */
  private async isWhole(path: string): Promise<boolean> {
    if (!(await this.trees.isThere(path))) return false;
    if (this.order.phase === 'run' || this.recipe === null) return true;
    const { inputs } = this.recipe;
    const tree = this.machine.store.tree(path);
    return (await this.machine.manager(this.order.package_manager).adapter.look(tree, inputs)) === null;
  }

  private usingTools<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
    const { package_manager: type, pool, index_credentials: credentials } = this.order;
    return this.trees.using(this.run, { type, pool, credentials }, work);
  }

  private async baseTree(): Promise<string | null> {
    const { base_revision: base, environment_id: id } = this.order;
    if (base === null) return null;
    const link = join(this.machine.store.environment(id), 'revisions', String(base));
    const tree = await realpath(link).catch(() => null);
    // Only what still lies in a pool's store; a link that somebody made by hand is not followed.
    if (tree === null || basename(dirname(tree)) !== 'store') return null;
    return (await lstat(tree)).isDirectory() ? tree : null;
  }
}

function solveRequestOf(
  order: EnvironmentOrder,
  change: EnvironmentChange,
  baseTree: string | null,
): SolveRequest {
  const { manifest, lockfile } = order;
  return {
    change,
    environmentName: order.environment_name,
    python: order.python,
    channels: order.channels,
    platforms: order.platforms,
    base: manifest === null || lockfile === null ? null : { manifest, lockfile },
    baseTree,
  };
}

function revisionParts(solution: Solution, { artifact, warnings }: ProvidedTree): Partial<RunResult> {
  return {
    manifest: solution.manifest,
    lockfile: solution.lockfile,
    digest: solution.digest,
    tool_version: solution.toolVersion,
    copy_id: artifact.copy_id,
    inputs: { ...solution.digestInputs },
    warnings,
  };
}

/** A plan installs nothing: its packages are those that the lockfile names. */
function planned(solution: Solution): RunResult {
  const { digest, toolVersion, packages } = solution;
  return succeeded({ result: { digest, tool_version: toolVersion, packages: packages.map(toRecord) } });
}

function toRecord({ name, version, kind, build }: LockedPackage): PackageRecord {
  const unknown = { channel: null, explicit: false, requested: null, size_bytes: null, license: null };
  return { name, version, kind, build, ...unknown };
}

function unsupported(type: string): RunFailure {
  const message = `This worker is too old for jobs of type "${type}": update it to the version of the other services.`;
  return new RunFailure({ code: 'job_type_unsupported', family: 'operational', message, extract: null });
}
