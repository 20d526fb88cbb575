/** What a suite plays with: the adapter under test, its store, and what its index holds. */
import { expect } from 'vitest';
import type { EnvironmentChange, ManagerReport } from '@darb/models';
import type { PackageManagerAdapter, RunContext, Solution, SolveRequest } from '../../src/index.js';
import { makeJob, newTree, request, type Job, type Store } from '../support.js';

/** What differs from tool to tool: names of packages that its index has, and where things lie in a tree. */
export interface Subject {
  adapter: () => PackageManagerAdapter;
  /** An adapter whose tool is not there. */
  broken: () => PackageManagerAdapter;
  channels: string[];
  /** A change from nothing that can be installed; one package is asked for, others may come along. */
  installable: { change: EnvironmentChange; package: string; version: string };
  /** Two changes in a row: the second cannot be solved together with the first. */
  conflict: [string[], string[]];
  unknown: string;
  /** A spec that must never reach the tool. */
  hostile: string;
  /** A file of the installed package, relative to the tree. */
  installedFile: string;
  /** Where the environment itself lies, relative to the tree. */
  prefix: string;
  /** What must be gone from a tree for the set to differ from the lock, relative to the tree. */
  installedRecord: string;
}

export class Stage {
  adapter!: PackageManagerAdapter;
  report!: ManagerReport;

  constructor(
    readonly subject: Subject,
    readonly store: Store,
  ) {}

  async open(): Promise<void> {
    this.adapter = this.subject.adapter();
    this.report = await this.adapter.detect();
  }

  job(changes: Partial<RunContext> = {}): Job {
    return makeJob(this.store, this.report, changes);
  }

  ask(change: EnvironmentChange, changes: Partial<SolveRequest> = {}): SolveRequest {
    return request({ change, channels: this.subject.channels, ...changes });
  }

  solveInstallable(): Promise<Solution> {
    return this.adapter.solve(this.ask(this.subject.installable.change), this.job());
  }

  async install(solution: Solution): Promise<string> {
    const tree = newTree(this.store);
    await this.adapter.writeTree(tree, solution.digestInputs);
    await this.adapter.install(tree, solution.digestInputs, this.job());
    return tree;
  }
}

export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it was expected to fail'),
    (error: unknown) => error,
  );
}
