/** What happens to processes: killed, frozen, stopped; services and tools. */
import { waitFor } from '@darb/testing';
import { runningTools, signalTool } from '../stage/processes.js';
import type { ToolProcess } from '../stage/processes.js';
import type { Managed } from '../stage/managed.js';
import type { Stage } from '../stage/stage.js';
import { at } from './fault.js';
import type { FaultKind } from './fault.js';

const TOOL_WAIT_MS = 4_000;

/** Workers and jobs twice: what they do is what can be lost. */
function targets(stage: Stage): Managed[] {
  return [...stage.services, ...stage.of('worker'), ...stage.of('jobs')];
}

async function anyTool(stage: Stage, place: number): Promise<ToolProcess | undefined> {
  const found = waitFor(() => at(runningTools(stage.stores), place), {
    timeoutMs: TOOL_WAIT_MS,
    intervalMs: 100,
    what: 'a running tool',
  });
  return found.catch(() => undefined);
}

export const PROCESS_FAULTS: FaultKind[] = [
  {
    name: 'service-kill',
    weight: 14,
    durationMs: [0, 4_000],
    strike: async ({ stage, plan }) => {
      const service = at(targets(stage), plan.target)!;
      return service.kill(plan.durationMs) ? service.name : null;
    },
  },
  {
    name: 'service-freeze',
    weight: 8,
    durationMs: [1_000, 15_000],
    strike: async ({ stage, plan, hold }) => {
      const service = at(targets(stage), plan.target)!;
      if (!service.freeze()) return null;
      await hold();
      service.thaw();
      return service.name;
    },
  },
  {
    name: 'service-stop',
    weight: 4,
    durationMs: [0, 2_000],
    strike: async ({ stage, plan }) => {
      const service = at(targets(stage), plan.target)!;
      return service.terminate(plan.durationMs) ? service.name : null;
    },
  },
  {
    name: 'tool-kill',
    weight: 6,
    durationMs: [0, 0],
    strike: async ({ stage, plan }) => {
      const tool = await anyTool(stage, plan.target);
      return tool && signalTool(tool, 'SIGKILL') ? describe(tool) : null;
    },
  },
  {
    name: 'tool-freeze',
    weight: 4,
    durationMs: [1_000, 15_000],
    strike: async ({ stage, plan, hold }) => {
      const tool = await anyTool(stage, plan.target);
      if (!tool || !signalTool(tool, 'SIGSTOP')) return null;
      await hold();
      signalTool(tool, 'SIGCONT');
      return describe(tool);
    },
  },
  {
    // A laptop that is closed and opened again.
    name: 'suspend',
    weight: 1,
    durationMs: [2_000, 15_000],
    group: 'postgres',
    strike: async ({ stage, hold }) => {
      const tools = runningTools(stage.stores);
      const everybody = [...stage.services, stage.valkey.process];
      for (const one of everybody) one.freeze();
      for (const tool of tools) signalTool(tool, 'SIGSTOP');
      await hold();
      for (const tool of tools) signalTool(tool, 'SIGCONT');
      for (const one of everybody) one.thaw();
      return `${everybody.length} processes, ${tools.length} tools`;
    },
  },
];

function describe(tool: ToolProcess): string {
  return tool.run ? `uv of ${tool.run.jobId} epoch ${tool.run.epoch}` : `uv ${tool.pid}`;
}
