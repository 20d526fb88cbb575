import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ENVIRONMENT_TRANSITIONS, environmentStatus, mayMove } from './states.js';
import type { EnvironmentFacts } from './states.js';

/** What happens to an environment, one thing per transaction; each is left out where it can't happen. */
const EVENTS = [
  'a change is claimed',
  'the change is published',
  'the change fails',
  'the change waits again',
  'a waiting change fails',
  'a waiting change is cancelled',
  'a delete is requested',
  'the delete is claimed',
  'the delete is published',
  'the delete fails',
  'the delete waits again',
  'the delete is cancelled while it waits',
] as const;
type EventName = (typeof EVENTS)[number];

/** Facts, and what decides whether an event can follow: a lane runs one job at a time. */
interface Life extends EnvironmentFacts {
  isDeleteRunning: boolean;
}

const BORN: Life = {
  isDeleted: false,
  isDeleting: false,
  isDeleteRunning: false,
  isChanging: false,
  isPublished: false,
  hasFailed: false,
};

const FOLLOWING: Record<EventName, (life: Life) => Partial<Life> | null> = {
  'a change is claimed': (life) => (life.isChanging || life.isDeleting ? null : { isChanging: true }),
  'the change is published': (life) =>
    life.isChanging ? { isChanging: false, isPublished: true, hasFailed: false } : null,
  'the change fails': (life) => (life.isChanging ? { isChanging: false, hasFailed: true } : null),
  'the change waits again': (life) => (life.isChanging ? { isChanging: false } : null),
  'a waiting change fails': (life) => (life.isDeleting ? null : { hasFailed: true }),
  // A cancelled change is no error of an environment that works.
  'a waiting change is cancelled': (life) => ({ hasFailed: life.hasFailed || !life.isPublished }),
  'a delete is requested': (life) => (life.isDeleting ? null : { isDeleting: true }),
  'the delete is claimed': (life) => (life.isDeleting && !life.isChanging ? { isDeleteRunning: true } : null),
  'the delete is published': (life) =>
    life.isDeleteRunning ? { isDeleting: false, isDeleteRunning: false, isDeleted: true } : null,
  'the delete fails': (life) =>
    life.isDeleting ? { isDeleting: false, isDeleteRunning: false, hasFailed: true } : null,
  'the delete waits again': (life) => (life.isDeleteRunning ? { isDeleteRunning: false } : null),
  'the delete is cancelled while it waits': (life) =>
    life.isDeleting && !life.isDeleteRunning
      ? { isDeleting: false, hasFailed: life.hasFailed || !life.isPublished }
      : null,
};

function liveOn(life: Life, event: EventName): Life {
  if (life.isDeleted) return life;
  return { ...life, ...FOLLOWING[event](life) };
}

it('moves only as its table allows, whatever happens in whatever order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
      let life = BORN;
      for (const event of events) {
        const next = liveOn(life, event);
        const [from, to] = [environmentStatus(life), environmentStatus(next)];
        expect(mayMove(ENVIRONMENT_TRANSITIONS, from, to), `${event}: ${from} to ${to}`).toBe(true);
        life = next;
      }
    }),
    { numRuns: 2_000 },
  );
});

it('allows hardly a move that nothing can cause', () => {
  // Every life of a few events, so that each line of the table is met at least once.
  const seen = new Set<string>();
  const lives = new Map([[JSON.stringify(BORN), BORN]]);
  for (const life of lives.values()) {
    for (const event of EVENTS) {
      const next = liveOn(life, event);
      const [from, to] = [environmentStatus(life), environmentStatus(next)];
      if (from !== to) seen.add(`${from} to ${to}`);
      lives.set(JSON.stringify(next), next);
    }
  }
  const allowed = Object.entries(ENVIRONMENT_TRANSITIONS).flatMap(([from, targets]) =>
    targets.map((to) => `${from} to ${to}`),
  );
  // A delete that ends without success leaves an error where nothing was published, so this one is only written down.
  expect([...seen, 'deleting to pending'].sort()).toEqual(allowed.sort());
});

it('stays ready when an environment that works loses a change, also when the change is not the last', () => {
  const happened: EventName[] = [
    'a change is claimed',
    'a waiting change is cancelled',
    'the change is published',
  ];
  expect(environmentStatus(happened.reduce(liveOn, BORN))).toBe('ready');
});
