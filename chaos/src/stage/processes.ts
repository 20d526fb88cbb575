/** What runs on this machine, seen from outside: /proc only. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface ToolProcess {
  pid: number;
  /** Clock ticks since boot; with the pid it names one process. */
  startedAt: string;
  program: string;
  command: string;
  /** The job that it works for, by the name of its scratch folder. */
  run: { jobId: string; epoch: number } | null;
}

const RUN = /scratch\/[0-9a-f-]{36}\/([0-9a-f-]{36})-(\d+)/;

/** Living processes that work below `folder`. */
export function processesBelow(folder: string): ToolProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readTool(Number(name), folder) ?? []);
}

/** Package managers that run at this moment. */
export function runningTools(stores: readonly string[]): ToolProcess[] {
  return stores.flatMap((store) => processesBelow(store)).filter(({ program }) => program === 'uv');
}

function readTool(pid: number, folder: string): ToolProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    // Inside a sandbox the working directory may have another name; the tool's own variables tell.
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    if (![cwd, command, environment].some((text) => text.includes(`${folder}/`))) return null;
    const program = basename(readlinkSync(`/proc/${pid}/exe`));
    const run = RUN.exec(environment) ?? RUN.exec(command);
    return {
      pid,
      startedAt: fields[19] ?? '',
      program,
      command,
      run: run ? { jobId: run[1]!, epoch: Number(run[2]) } : null,
    };
  } catch {
    // It ended while we looked, or is a kernel thread.
    return null;
  }
}

/** Sends a signal to a process unless its number belongs to another one by now. */
export function signalTool(tool: ToolProcess, signal: NodeJS.Signals): boolean {
  try {
    const stat = readFileSync(`/proc/${tool.pid}/stat`, 'latin1');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    if (startedAt !== tool.startedAt) return false;
    process.kill(tool.pid, signal);
    return true;
  } catch {
    return false;
  }
}
