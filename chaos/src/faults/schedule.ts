/** Which fault comes when: drawn from the seed before the run begins, then struck one after the other. */
import type { Random } from '../random.js';
import type { Stage } from '../stage/stage.js';
import { DISK_FAULTS } from './disks.js';
import { holdFor, planOf } from './fault.js';
import type { FaultKind, FaultPlan } from './fault.js';
import { NETWORK_FAULTS } from './network.js';
import { PROCESS_FAULTS } from './processes.js';
import { SERVER_FAULTS } from './servers.js';

export const FAULT_KINDS: readonly FaultKind[] = [
  ...PROCESS_FAULTS,
  ...NETWORK_FAULTS,
  ...SERVER_FAULTS,
  ...DISK_FAULTS,
];
/** More at once than this is no longer a fault but the end. */
const MOST_AT_ONCE = 4;

export interface ScheduledFault {
  number: number;
  kind: FaultKind;
  plan: FaultPlan;
  pauseMs: number;
}

export interface StruckFault {
  number: number;
  kind: string;
  startedAt: string;
  endedAt: string;
  durationMs: number;
  /** What was hit; null: there was nothing to hit, and it does not count. */
  hit: string | null;
  trouble?: string;
}

export function drawSchedule(
  random: Random,
  kinds: readonly FaultKind[],
  count: number,
  meanPauseMs: number,
): ScheduledFault[] {
  const choices = kinds.map((kind) => [kind.weight, kind] as const);
  return Array.from({ length: count }, (_, index) => {
    const kind = random.weighted(choices);
    const pauseMs = Math.round(random.between(0.4, 1.6) * meanPauseMs);
    return { number: index + 1, kind, plan: planOf(kind, random), pauseMs };
  });
}

export class FaultRunner {
  readonly struck: StruckFault[] = [];
  private readonly active = new Set<Promise<void>>();
  private readonly groups = new Map<string, Promise<void>>();

  constructor(
    private readonly stage: Stage,
    private readonly signal: AbortSignal,
    private readonly onStruck: (fault: StruckFault) => void,
  ) {}

  /** Strikes them all; returns when the last one is undone, or soon after the signal. */
  async run(schedule: readonly ScheduledFault[]): Promise<void> {
    for (const fault of schedule) {
      await holdFor(fault.pauseMs, this.signal);
      while (this.active.size >= MOST_AT_ONCE) await Promise.race(this.active);
      if (this.signal.aborted) break;
      const work = this.inTurn(fault);
      this.active.add(work);
      void work.then(() => this.active.delete(work));
    }
    await Promise.all(this.active);
  }

  private inTurn(fault: ScheduledFault): Promise<void> {
    const { group } = fault.kind;
    if (!group) return this.strike(fault);
    const work = (this.groups.get(group) ?? Promise.resolve()).then(() => this.strike(fault));
    this.groups.set(group, work);
    return work;
  }

  private async strike({ number, kind, plan }: ScheduledFault): Promise<void> {
    const startedAt = new Date().toISOString();
    const hold = (ms = plan.durationMs) => holdFor(ms, this.signal);
    const outcome = await kind.strike({ stage: this.stage, plan, hold }).then(
      (hit) => ({ hit }),
      // Several faults at once may leave nothing to work with; the run goes on.
      (error: Error) => ({ hit: null, trouble: error.message }),
    );
    const { durationMs } = plan;
    const struck = {
      number,
      kind: kind.name,
      startedAt,
      endedAt: new Date().toISOString(),
      durationMs,
      ...outcome,
    };
    this.struck.push(struck);
    this.onStruck(struck);
  }
}
