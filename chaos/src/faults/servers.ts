/** What happens to PostgreSQL and Valkey. */
import type { Stage } from '../stage/stage.js';
import { at } from './fault.js';
import type { FaultKind } from './fault.js';

function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // A backend that ended meanwhile.
    }
  }
}

/** The group is left only when the server answers again, so that the next fault finds one. */
async function backAgain(stage: Stage, what: string): Promise<string> {
  await stage.postgres.ready();
  return what;
}

export const SERVER_FAULTS: FaultKind[] = [
  {
    name: 'valkey-flush',
    weight: 3,
    durationMs: [0, 0],
    group: 'valkey',
    strike: async ({ stage }) => (await stage.valkey.command('FLUSHALL')) as string,
  },
  {
    // It keeps nothing on disk: it comes back empty.
    name: 'valkey-kill',
    weight: 2,
    durationMs: [0, 5_000],
    group: 'valkey',
    strike: async ({ stage, plan, hold }) => {
      const isHit = stage.valkey.process.kill(plan.durationMs);
      await hold(plan.durationMs + 500);
      return isHit ? `back after ${plan.durationMs} ms` : null;
    },
  },
  {
    name: 'valkey-freeze',
    weight: 1.5,
    durationMs: [1_000, 12_000],
    group: 'valkey',
    strike: async ({ stage, hold }) => {
      if (!stage.valkey.process.freeze()) return null;
      await hold();
      stage.valkey.process.thaw();
      return 'valkey';
    },
  },
  {
    name: 'postgres-restart',
    weight: 2,
    durationMs: [0, 1_000],
    group: 'postgres',
    strike: async ({ stage, plan, hold }) => {
      if (!stage.postgres.process.terminate(plan.durationMs)) return null;
      await hold(plan.durationMs + 300);
      return backAgain(stage, 'fast shutdown');
    },
  },
  {
    name: 'postgres-kill',
    weight: 2,
    durationMs: [0, 2_000],
    group: 'postgres',
    strike: async ({ stage, plan, hold }) => {
      if (!stage.postgres.process.kill(plan.durationMs)) return null;
      await hold(plan.durationMs + 300);
      return backAgain(stage, 'the whole server');
    },
  },
  {
    // One backend that dies makes PostgreSQL end all others and recover.
    name: 'postgres-backend-kill',
    weight: 1.5,
    durationMs: [0, 0],
    group: 'postgres',
    strike: async ({ stage, plan }) => {
      const backend = at(stage.postgres.pids().slice(1), plan.target);
      if (backend === undefined) return null;
      signalAll([backend], 'SIGKILL');
      return backAgain(stage, `process ${backend}`);
    },
  },
  {
    name: 'postgres-freeze',
    weight: 1.5,
    durationMs: [1_000, 15_000],
    group: 'postgres',
    strike: async ({ stage, hold }) => {
      const pids = stage.postgres.pids();
      signalAll(pids, 'SIGSTOP');
      await hold();
      signalAll(pids, 'SIGCONT');
      return backAgain(stage, `${pids.length} processes`);
    },
  },
  {
    name: 'open-transaction',
    weight: 2,
    durationMs: [3_000, 15_000],
    strike: async ({ stage, hold }) => {
      // A restart of the server meanwhile ends it early.
      await stage.postgres.holdTransaction(hold()).catch(() => undefined);
      return 'a transaction that has written';
    },
  },
];
