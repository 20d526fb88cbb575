/** GOALS 21: CPU seconds of each service until Darb is ready, and its resident memory then. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { summarize } from '../lib/stats.mjs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export const name = 'services';
export const goal = '≤ 2.5 CPU s to ready, ≤ 160 MiB resident';

function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentMib: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024,
  };
}

export async function measure(darb, rounds, note) {
  const seen = {};
  for (let round = 0; round < rounds; round++) {
    await darb.stop();
    await darb.start();
    for (const [service, { pid }] of Object.entries(darb.services())) {
      const { cpuSeconds, residentMib } = usage(pid);
      const of = (seen[service] ??= { cpu: [], memory: [] });
      of.cpu.push([cpuSeconds]);
      of.memory.push([residentMib]);
    }
    note(`start ${round + 1}`);
  }
  const services = Object.fromEntries(
    Object.entries(seen).map(([service, { cpu, memory }]) => [
      service,
      { cpu_seconds: summarize(cpu), resident_mib: summarize(memory) },
    ]),
  );
  const all = Object.values(services);
  return {
    services,
    is_met: all.every(({ cpu_seconds: cpu, resident_mib: memory }) => cpu.p50 <= 2.5 && memory.p50 <= 160),
  };
}
