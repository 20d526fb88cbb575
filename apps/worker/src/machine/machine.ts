import type { ManagerReport, PackageManagerType } from '@darb/models';
import type { PackageManagerAdapter } from '@darb/package-manager';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Store } from '../store/store.js';

export interface Manager {
  adapter: PackageManagerAdapter;
  report: ManagerReport;
}

/** What this worker found out about the machine at start, and works with until it ends. */
export class Machine {
  constructor(
    readonly store: Store,
    readonly sandbox: Sandbox,
    private readonly managers: readonly Manager[],
    /** Uuid of this process's life: tells its tools from those of any other worker. */
    readonly markPrefix: string,
  ) {}

  get reports(): ManagerReport[] {
    return this.managers.map((manager) => manager.report);
  }

  manager(type: PackageManagerType): Manager {
    const manager = this.managers.find((candidate) => candidate.adapter.type === type);
    if (!manager) throw new Error(`This worker knows no package manager "${type}".`);
    return manager;
  }
}
