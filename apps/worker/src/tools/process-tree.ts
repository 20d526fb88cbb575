import { readFileSync, readdirSync } from 'node:fs';

interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** Clock ticks since boot; with the pid it names a process for ever. */
  startedAt: string;
  name: string;
}

/** Environment variable that every unsandboxed tool carries, so that what it detached can be found. */
export const MARK_VARIABLE = 'DARB_PROCESS_MARK';

/**
 * All processes that descend from one that we started as leader of its own group. Linux only; elsewhere it knows
 * the group alone. Found are children of children, members of the group and the session, whoever carries the mark,
 * and whoever was found before, even when its parent is gone by now.
 */
export class ProcessTree {
  private readonly known = new Map<number, string>();
  private readonly rootStart: string | null;

  constructor(
    readonly rootPid: number,
    /** Value of MARK_VARIABLE; null in a sandbox, whose pid namespace makes marks unnecessary. */
    private readonly mark: string | null,
  ) {
    this.rootStart = startOf(rootPid);
  }

  /** Sends a signal to the processes of the tree; `except` names those that must live on (the sandbox's own). */
  signal(signal: NodeJS.Signals, except?: string): void {
    const members = this.members();
    if (members === null) {
      send(-this.rootPid, signal);
      return;
    }
    for (const member of members) {
      if (member.name !== except) send(member.pid, signal);
    }
  }

  /** Kills until nothing is left. Answers false when something cannot be killed within the time (stuck in the kernel). */
  async end(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const members = this.members();
      if (members === null) {
        send(-this.rootPid, 'SIGKILL');
        return true;
      }
      if (members.length === 0) return true;
      if (Date.now() > deadline) return false;
      for (const member of members) send(member.pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Living members; null where there is no /proc. */
  members(): ProcessEntry[] | null {
    const all = readProcesses();
    if (all === null) return null;
    const members = new Set<number>();
    // Once the root is gone its number may go to a stranger; a group keeps it from that while it has members.
    const isReused = all.has(this.rootPid) && all.get(this.rootPid)?.startedAt !== this.rootStart;
    for (const entry of all.values()) {
      if (this.belongsByItself(entry, isReused)) members.add(entry.pid);
    }
    // Children may come before their parents in the list: repeat until nobody joins.
    for (let before = -1; before !== members.size;) {
      before = members.size;
      for (const entry of all.values()) if (members.has(entry.parent)) members.add(entry.pid);
    }
    const found = [...members].map((pid) => all.get(pid)!);
    for (const entry of found) this.known.set(entry.pid, entry.startedAt);
    return found;
  }

  private belongsByItself(entry: ProcessEntry, isReused: boolean): boolean {
    return (
      (!isReused && [entry.pid, entry.group, entry.session].includes(this.rootPid)) ||
      this.known.get(entry.pid) === entry.startedAt ||
      (this.mark !== null && readMark(entry.pid) === this.mark)
    );
  }
}

/** Pids and marks of all processes of this user that carry one: what a killed worker may have left behind. */
export function markedProcesses(): { pid: number; mark: string }[] {
  const found: { pid: number; mark: string }[] = [];
  for (const { pid } of readProcesses()?.values() ?? []) {
    const mark = pid === process.pid ? null : readMark(pid);
    if (mark !== null) found.push({ pid, mark });
  }
  return found;
}

/** When a process started, in the kernel's own unit; null when there is none (or no /proc). */
export function startOf(pid: number): string | null {
  return readProcess(pid)?.startedAt ?? null;
}

/** Living processes, without zombies: those are dead and only wait for their parent to notice. */
function readProcesses(): Map<number, ProcessEntry> | null {
  const names = listProcesses();
  if (names === null) return null;
  const processes = new Map<number, ProcessEntry>();
  for (const name of names) {
    const entry = /^\d+$/.test(name) ? readProcess(Number(name)) : null;
    if (entry) processes.set(entry.pid, entry);
  }
  return processes;
}

function listProcesses(): string[] | null {
  try {
    return process.platform === 'linux' ? readdirSync('/proc') : null;
  } catch {
    return null;
  }
}

function readProcess(pid: number): ProcessEntry | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may itself hold spaces and parentheses.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return {
      pid,
      name: stat.slice(stat.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      startedAt: fields[19] ?? '',
    };
  } catch {
    return null;
  }
}

function readMark(pid: number): string | null {
  try {
    const prefix = `${MARK_VARIABLE}=`;
    const found = readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .find((entry) => entry.startsWith(prefix));
    return found?.slice(prefix.length) ?? null;
  } catch {
    return null;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
