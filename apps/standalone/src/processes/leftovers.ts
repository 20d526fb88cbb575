import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../console.js';
import { writeFileSafely } from '../data/write-file.js';
import { signalGroup, startTimeOf } from '../process-identity.js';

interface Entry {
  name: string;
  pid: number;
  started: string;
}

const WAIT_MS = 25_000;

/**
 * Who runs for this data folder, on disk: after a kill -9 of the supervisor the next start waits for those that are
 * still ending, instead of running a second database beside the first.
 */
export class ProcessList {
  private readonly file: string;
  private entries: Entry[] = [];

  constructor(run: string) {
    this.file = path.join(run, 'processes.json');
  }

  add(name: string, pid: number): void {
    const started = startTimeOf(pid);
    if (started) this.write([...this.entries, { name, pid, started }]);
  }

  remove(pid: number): void {
    this.write(this.entries.filter((entry) => entry.pid !== pid));
  }

  /** Ends what an earlier run left behind; only called by who holds the folder's lock. */
  async endLeftovers(): Promise<void> {
    const left = this.read().filter(isAlive);
    if (left.length > 0) {
      say(`Waiting for ${left.map(({ name }) => name).join(', ')} of an earlier run to end …`);
      for (const { name, pid } of left) signalGroup(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
      const limit = Date.now() + WAIT_MS;
      while (left.some(isAlive) && Date.now() < limit) await delay(100);
      for (const { pid } of left.filter(isAlive)) signalGroup(pid, 'SIGKILL');
      while (left.some(isAlive)) await delay(50);
    }
    this.write([]);
  }

  private read(): Entry[] {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as Entry[];
    } catch {
      return [];
    }
  }

  private write(entries: Entry[]): void {
    this.entries = entries;
    try {
      writeFileSafely(this.file, JSON.stringify(entries), 0o600);
    } catch {
      // On a full disk the list is out of date; PostgreSQL's own pid file still guards the database.
    }
  }
}

function isAlive({ pid, started }: Entry): boolean {
  return startTimeOf(pid) === started;
}
