import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Stage } from '../stage/stage.js';

/** Numbers that were drawn before the run began: what a fault does never depends on what it finds. */
export interface FaultPlan {
  /** 0 … 1: which of the things that are there. */
  target: number;
  durationMs: number;
  /** 0 … 1: which variant. */
  variant: number;
}

export interface Strike {
  stage: Stage;
  plan: FaultPlan;
  /** Resolves after `ms`, at once when the faults are over. */
  hold: (ms?: number) => Promise<void>;
}

export interface FaultKind {
  name: string;
  /** How often it is picked, compared with the others. */
  weight: number;
  durationMs: readonly [from: number, to: number];
  /** Kinds of one group never overlap. */
  group?: string;
  /**
   * Does it and undoes it.
   * @returns what was hit, for the record; null when there was nothing to hit.
   */
  strike: (strike: Strike) => Promise<string | null>;
}

export function planOf(kind: FaultKind, random: Random): FaultPlan {
  return {
    target: random.next(),
    durationMs: Math.round(random.between(...kind.durationMs)),
    variant: random.next(),
  };
}

export function at<T>(list: readonly T[], place: number): T | undefined {
  return list[Math.floor(place * list.length)];
}

export async function holdFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
