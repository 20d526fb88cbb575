import { parseArgs } from 'node:util';

export interface ChaosOptions {
  faults: number;
  minutes: number;
  seed: number;
  people: number;
  /** Only kinds whose name begins with one of these; empty: all. */
  only: string[];
}

export const HELP = `npm run test:chaos [-- options]

Starts real services on this machine, gives them work, lets faults happen to them at random, and checks what must
always hold (docs/chaos.md). The exit code is 1 when something did not hold.

  --faults N     how many faults (50)
  --minutes M    for how long (3)
  --seed S       repeats the faults of an earlier run; without it a new one is drawn and printed
  --people N     people at work, with two clients each (3)
  --only a,b     only kinds of faults that begin with these words, for example --only link,lost-answer
  --list         prints the kinds of faults
  --help`;

/** @returns null for --help and --list. Throws a sentence. */
export function parseOptions(args: string[]): ChaosOptions | 'help' | 'list' {
  const { values } = parseArgs({
    args,
    options: {
      faults: { type: 'string', default: '50' },
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string' },
      people: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  return {
    faults: number('--faults', values.faults, 0, 100_000),
    minutes: number('--minutes', values.minutes, 0.1, 24 * 60),
    seed:
      values.seed === undefined
        ? Math.floor(Math.random() * 2 ** 31)
        : number('--seed', values.seed, 0, 2 ** 32),
    people: number('--people', values.people, 1, 50),
    only: values.only.split(',').filter(Boolean),
  };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`${name} is "${text}": it must be a number from ${least} to ${most}.`);
}
