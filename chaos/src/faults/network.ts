/** What happens between processes: lines that break, slow down or stand still, answers that never arrive. */
import { INTERNAL_ROUTES } from '../stage/answer-thief.js';
import type { InternalRoute } from '../stage/answer-thief.js';
import { at } from './fault.js';
import type { FaultKind } from './fault.js';

const LOST_WITHIN_MS = 12_000;

function lostAnswer(route: InternalRoute): FaultKind {
  return {
    name: `lost-answer-${route}`,
    weight: 2,
    durationMs: [LOST_WITHIN_MS, LOST_WITHIN_MS],
    strike: async ({ stage, plan, hold }) => {
      const before = stage.thief.lost.get(route) ?? 0;
      stage.thief.lose(route, 1 + Math.floor(plan.variant * 3));
      const worker = at(stage.of('worker'), plan.target)!;
      // Only a worker that stops releases, only one that starts registers.
      if (route === 'release') worker.terminate(500);
      if (route === 'register') worker.kill(100);
      await hold();
      stage.thief.lose(route, 0);
      const lost = (stage.thief.lost.get(route) ?? 0) - before;
      return lost > 0 ? `${lost} answers` : null;
    },
  };
}

export const NETWORK_FAULTS: FaultKind[] = [
  {
    name: 'link-drop',
    weight: 8,
    durationMs: [0, 0],
    strike: async ({ stage, plan }) => {
      const link = at(stage.links, plan.target)!;
      link.drop();
      return link.name;
    },
  },
  {
    name: 'link-refuse',
    weight: 4,
    durationMs: [500, 8_000],
    strike: async ({ stage, plan, hold }) => {
      const link = at(stage.links, plan.target)!;
      link.set('refuse');
      await hold();
      link.set('pass');
      return link.name;
    },
  },
  {
    name: 'link-stall',
    weight: 5,
    durationMs: [1_000, 12_000],
    strike: async ({ stage, plan, hold }) => {
      const link = at(stage.links, plan.target)!;
      link.set('stall');
      await hold();
      link.set('pass');
      return link.name;
    },
  },
  {
    name: 'link-delay',
    weight: 5,
    durationMs: [2_000, 10_000],
    strike: async ({ stage, plan, hold }) => {
      const link = at(stage.links, plan.target)!;
      const delayMs = Math.round(20 + plan.variant * 480);
      link.slow(delayMs);
      await hold();
      link.slow(0);
      return `${link.name} by ${delayMs} ms`;
    },
  },
  ...INTERNAL_ROUTES.map(lostAnswer),
];
