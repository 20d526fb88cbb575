import type { ManagerReport, PackageManagerType } from '@darb/models';
import type { PackageManagerAdapter } from '@darb/package-manager';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { Store } from '../store/store.js';

export interface Manager {
  readonly adapter: PackageManagerAdapter;
  /** What was found last. */
  readonly report: ManagerReport;
}

/** How often the files of tools and interpreters are looked at; starting them to learn more happens on a change only. */
const WATCH_MS = 5_000;

/** A package manager of this machine, and whether its tool is still what it was. */
class WatchedManager implements Manager {
  private fingerprint: string | null = null;

  private constructor(
    readonly adapter: PackageManagerAdapter,
    public report: ManagerReport,
  ) {}

  static async find(adapter: PackageManagerAdapter): Promise<WatchedManager> {
    // Before detecting: what changes in between is noticed at the next look.
    const fingerprint = await adapter.fingerprint();
    const manager = new WatchedManager(adapter, await adapter.detect());
    manager.fingerprint = fingerprint;
    return manager;
  }

  /** Whether the report is another one now. `always`: also when the files look the same. */
  async look(always: boolean): Promise<boolean> {
    const fingerprint = await this.adapter.fingerprint();
    if (!always && fingerprint === this.fingerprint) return false;
    const before = JSON.stringify(this.report);
    this.report = await this.adapter.detect();
    this.fingerprint = fingerprint;
    return JSON.stringify(this.report) !== before;
  }
}

/** What this worker knows of the machine: store and sandbox as found at start, package managers as they are now. */
export class Machine {
  private readonly listeners = new Set<(reports: ManagerReport[]) => void>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  private constructor(
    readonly store: Store,
    readonly sandbox: Sandbox,
    private readonly managers: readonly WatchedManager[],
    /** Uuid of this process's life: tells its tools from those of any other worker. */
    readonly markPrefix: string,
    private readonly watchMs: number,
  ) {}

  /** Detects every manager once. */
  static async open(
    store: Store,
    sandbox: Sandbox,
    adapters: readonly PackageManagerAdapter[],
    markPrefix: string,
    watchMs = WATCH_MS,
  ): Promise<Machine> {
    const managers = await Promise.all(adapters.map((adapter) => WatchedManager.find(adapter)));
    return new Machine(store, sandbox, managers, markPrefix, watchMs);
  }

  /** As they are now. */
  get reports(): ManagerReport[] {
    return this.managers.map((manager) => manager.report);
  }

  manager(type: PackageManagerType): Manager {
    const manager = this.managers.find((candidate) => candidate.adapter.type === type);
    if (!manager) throw new Error(`This worker knows no package manager "${type}".`);
    return manager;
  }

  /** Called with all reports after one of them changed; the returned function ends that. */
  onChange(listener: (reports: ManagerReport[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Detects now, for a run that failed because its tool or interpreter is gone. Never rejects. */
  async lookAgain(): Promise<void> {
    await this.looking;
    await this.look(true);
  }

  /** Nest starts and ends the watch with the application. */
  onApplicationBootstrap(): void {
    this.timer ??= setInterval(() => void this.look(false), this.watchMs).unref();
  }

  onApplicationShutdown(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private look(always: boolean): Promise<void> {
    // A fault of a listener is no reason to stop looking, and nobody waits for a look that the timer started.
    this.looking ??= this.lookAtAll(always)
      .catch(() => undefined)
      .finally(() => (this.looking = null));
    return this.looking;
  }

  private async lookAtAll(always: boolean): Promise<void> {
    const looks = await Promise.allSettled(this.managers.map((manager) => manager.look(always)));
    const hasChanged = looks.some((look) => look.status === 'fulfilled' && look.value);
    if (!hasChanged) return;
    for (const listener of this.listeners) listener(this.reports);
  }
}
