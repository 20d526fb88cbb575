/** Everybody who talks to the ledger, played by one program: requesters, dispatchers, workers that die or dawdle. */
import type { ClaimAnswer } from '@darb/models';
import { v7 as uuidv7 } from 'uuid';
import { LedgerError } from '../../src/index.js';
import type { Dispatch } from '../../src/index.js';
import type { LedgerFixture } from '../fixture.js';

/** An epoch that a worker has, or once had: it may report at any time, also when it is long over. */
export interface HeldRun {
  dispatch: Dispatch;
  deliveryId: string;
  epoch: number;
  answer: ClaimAnswer;
  copyId: string | null;
}

export interface World {
  fixture: LedgerFixture;
  stores: string[];
  workers: string[];
  environments: string[];
  jobs: string[];
  deliveries: Dispatch[];
  runs: HeldRun[];
  /** Epochs that have ended; their workers may not know it yet. */
  over: HeldRun[];
}

/**
 * What must be so by the answers that were given; the database is compared with it after every step.
 */
export interface Model {
  /** The highest revision that was said to be published, by environment. */
  published: Map<string, number>;
  /** Jobs that were seen to have ended, and how. */
  ended: Map<string, string>;
}

export async function newWorld(fixture: LedgerFixture): Promise<World> {
  await fixture.reset();
  const stores = [uuidv7(), uuidv7()];
  const workers = [await fixture.worker(2, stores[0]), await fixture.worker(2, stores[1])];
  return { fixture, stores, workers, environments: [], jobs: [], deliveries: [], runs: [], over: [] };
}

export function newModel(): Model {
  return { published: new Map(), ended: new Map() };
}

/** One of a list by any number; undefined when there is none. */
export function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}

/**
 * A refusal is an answer like any other. Two things are not: a move that a table forbids, because no order of
 * calls may lead there, and an error of the database.
 */
export async function orRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LedgerError && error.code !== 'forbidden_move') return null;
    throw error;
  }
}
