/**
 * Whatever happens in whatever order, the invariants hold after every transaction. The seed is in the test's name;
 * PROPERTY_SEED=<seed> runs the same again, and looks for the shortest way to a failure.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { LedgerFixture } from '../fixture.js';
import { COMMANDS } from './commands.js';
import { checkHistory } from './invariants.js';
import { newModel, newWorld } from './world.js';

const given = process.env.PROPERTY_SEED;
const seed = given === undefined ? Date.now() % 2 ** 31 : Number(given);
const WORLDS = Number(process.env.PROPERTY_RUNS ?? 8);
const COMMANDS_PER_WORLD = 80;

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());

describe('engine and reactors', () => {
  it(
    `hold their invariants whatever happens (seed ${seed})`,
    async () => {
      const commands = fc.commands(COMMANDS, { maxCommands: COMMANDS_PER_WORLD, size: 'max' });
      await fc.assert(
        fc.asyncProperty(commands, async (sequence) => {
          const world = await newWorld(fixture);
          await fc.asyncModelRun(() => ({ model: newModel(), real: world }), sequence);
          await checkHistory(fixture);
        }),
        { seed, numRuns: WORLDS, endOnFailure: given === undefined },
      );
    },
    given === undefined ? 60_000 : 600_000,
  );
});
