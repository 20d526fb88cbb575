import { mkdir, readFile, readdir, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { markedProcesses, startOf } from '../tools/process-tree.js';
import { removeTree, sweepDeleted } from './trees.js';
import type { Store } from './store.js';

/** A live worker touches its record this often. */
export const RECORD_TOUCH_MS = 30_000;
/** Where the process itself cannot be looked at (another machine or container), silence this long means dead. */
const SILENT_MS = 10 * 60_000;

/** Which process a worker is, so that the next one can tell whether it still lives. */
interface WorkerRecord {
  pid: number;
  startedAt: string | null;
  host: string;
  bootId: string | null;
  pidNamespace: string | null;
  markPrefix: string;
}

/**
 * One file `workers/<worker id>.json` for each worker of this store, and a folder with one file for each tree that
 * it is building. What a killed one left is removed by the next worker that starts, but only when it is certain
 * that its process is gone.
 */
export class WorkerRecords {
  private readonly folder: string;
  private readonly me: Promise<WorkerRecord>;

  constructor(
    private readonly store: Store,
    markPrefix: string,
  ) {
    this.folder = join(store.root, 'workers');
    this.me = describeProcess(markPrefix);
  }

  async write(workerId: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o750 });
    const file = this.file(workerId);
    await writeFile(`${file}.new`, JSON.stringify(await this.me));
    await rename(`${file}.new`, file);
  }

  async touch(workerId: string): Promise<void> {
    const now = new Date();
    await utimes(this.file(workerId), now, now);
  }

  /** From now on, until `forgetBuild`, the tree is worth nothing without this worker: whoever finds it dead deletes it. */
  async noteBuild(workerId: string, build: string, artifactPath: string): Promise<void> {
    const folder = this.builds(workerId);
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await writeFile(join(folder, build), artifactPath);
  }

  async forgetBuild(workerId: string, build: string): Promise<void> {
    await rm(join(this.builds(workerId), build), { force: true });
  }

  /** The worker is over: what it was building and its scratch go, then the record that would say so. */
  async remove(workerId: string): Promise<void> {
    await this.removeBuilds(workerId);
    await this.removeScratch(workerId);
    await rm(this.file(workerId), { force: true });
  }

  /** Ends leftover tools of dead workers and removes their scratch. Answers the dead workers' ids. */
  async sweep(): Promise<string[]> {
    const dead: string[] = [];
    for (const workerId of await this.knownWorkers()) {
      const record = await this.read(workerId);
      if (await this.isAlive(workerId, record)) continue;
      if (record) killMarked(record.markPrefix);
      await this.remove(workerId);
      dead.push(workerId);
    }
    for (const pool of await this.pools()) await sweepDeleted(join(this.store.root, 'pools', pool, 'store'));
    await sweepDeleted(join(this.store.root, 'environments'));
    return dead;
  }

  private async isAlive(workerId: string, record: WorkerRecord | null): Promise<boolean> {
    const me = await this.me;
    const isVisible =
      record !== null &&
      record.host === me.host &&
      record.bootId === me.bootId &&
      record.pidNamespace === me.pidNamespace &&
      me.startedAt !== null;
    if (isVisible) return startOf(record.pid) === record.startedAt;
    const touchedAt = await this.lastSign(workerId);
    return Date.now() - touchedAt < SILENT_MS;
  }

  /** When the record, or for want of one the scratch folder, was last touched. */
  private async lastSign(workerId: string): Promise<number> {
    const places = [this.file(workerId), ...(await this.scratchFolders(workerId))];
    const times = await Promise.all(
      places.map((path) =>
        stat(path)
          .then((s) => s.mtimeMs)
          .catch(() => 0),
      ),
    );
    return Math.max(0, ...times);
  }

  private async knownWorkers(): Promise<Set<string>> {
    const recorded = (await list(this.folder)).filter((name) => name.endsWith('.json'));
    const ids = new Set(recorded.map((name) => name.slice(0, -'.json'.length)));
    for (const pool of await this.pools()) {
      for (const id of await list(join(this.store.root, 'pools', pool, 'scratch'))) ids.add(id);
    }
    return ids;
  }

  private async read(workerId: string): Promise<WorkerRecord | null> {
    try {
      return JSON.parse(await readFile(this.file(workerId), 'utf8')) as WorkerRecord;
    } catch {
      return null;
    }
  }

  private async removeBuilds(workerId: string): Promise<void> {
    const folder = this.builds(workerId);
    for (const name of await list(folder)) {
      const artifactPath = await readFile(join(folder, name), 'utf8');
      // Empty when the worker died while writing it; nothing had been built then.
      if (artifactPath !== '') await removeTree(this.store.tree(artifactPath));
      await rm(join(folder, name), { force: true });
    }
    await rm(folder, { recursive: true, force: true });
  }

  private async removeScratch(workerId: string): Promise<void> {
    for (const folder of await this.scratchFolders(workerId)) await removeTree(folder);
  }

  private async scratchFolders(workerId: string): Promise<string[]> {
    return (await this.pools()).map((pool) => join(this.store.root, 'pools', pool, 'scratch', workerId));
  }

  private pools(): Promise<string[]> {
    return list(join(this.store.root, 'pools'));
  }

  private builds(workerId: string): string {
    return join(this.folder, `${workerId}.builds`);
  }

  private file(workerId: string): string {
    return join(this.folder, `${workerId}.json`);
  }
}

async function describeProcess(markPrefix: string): Promise<WorkerRecord> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  return {
    pid: process.pid,
    startedAt: startOf(process.pid),
    host: hostname(),
    bootId: bootId?.trim() ?? null,
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => null),
    markPrefix,
  };
}

/** Tools that ran unsandboxed and outlived their worker; the mark was made by it and by nobody else. */
function killMarked(markPrefix: string): void {
  for (const { pid, mark } of markedProcesses()) {
    if (!mark.startsWith(`${markPrefix}.`)) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
