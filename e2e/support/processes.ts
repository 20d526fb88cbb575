/** What runs on this machine, seen from outside: /proc only, no help from Darb. */
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  parent: number;
  command: string;
}

function read(pid: number): RunningProcess | null {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; what follows the last bracket is state and parent.
    const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : { pid, parent: Number(parent), command };
  } catch {
    return null;
  }
}

export function allProcesses(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)) ?? []);
}

/** `root` and everything that descends from it. */
export function treeOf(root: number): RunningProcess[] {
  const all = allProcesses();
  const found = all.filter(({ pid }) => pid === root);
  for (let index = 0; index < found.length; index++) {
    found.push(...all.filter(({ parent }) => parent === found[index]?.pid));
  }
  return found;
}

/** Processes that speak of `folder` in their command line or environment; this one and the guard of the tests aside. */
export function processesUsing(folder: string): RunningProcess[] {
  return allProcesses().filter(({ pid, command }) => {
    if (pid === process.pid || command.includes('darb-test-guard')) return false;
    if (command.includes(folder)) return true;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`=${folder}`);
    } catch {
      return false;
    }
  });
}
