import { realpath } from 'node:fs/promises';
import type { SandboxReport } from '@darb/models';
import type { ToolCommand } from '@darb/package-manager';
import { bwrapArguments, type SystemMount } from './bwrap-arguments.js';

/** Limits that hold with and without isolation: see LAUNCHER and the disk watch. */
export const ENFORCED_LIMITS = ['wall_time', 'disk', 'open_files', 'core_dumps'];

/** How a tool's process is isolated on this machine. */
export interface Sandbox {
  readonly report: SandboxReport;
  /** True when a pid namespace ends every process of the tree with its first one. */
  readonly endsWholeTree: boolean;
  /** The program and arguments that really run `command`, confined to `pool`. */
  wrap(command: ToolCommand, pool: string): Promise<string[]>;
}

/** Bubblewrap: the tool sees the system read-only, its pool, and nothing else. */
export class BwrapSandbox implements Sandbox {
  readonly endsWholeTree = true;
  readonly report: SandboxReport = {
    mode: 'bwrap',
    reason: null,
    limits: [...ENFORCED_LIMITS, 'processes_end'],
  };

  constructor(
    private readonly bwrap: string,
    private readonly system: readonly SystemMount[],
    private readonly extra: readonly string[],
  ) {}

  async wrap(command: ToolCommand, pool: string): Promise<string[]> {
    const paths = new Set([...command.readable, command.file]);
    const readable: { path: string; source: string }[] = [];
    for (const path of paths) {
      const source = await realpath(path).catch(() => null);
      if (source !== null) readable.push({ path, source });
    }
    const { cwd, file, args } = command;
    return [
      this.bwrap,
      ...bwrapArguments({ system: this.system, pool, readable, cwd, file, args, extra: this.extra }),
    ];
  }
}

/**
 * No isolation. `setpriv`, where there is one, lets the tool die with the worker; what a tool starts and detaches
 * is found by a mark in its environment, which a process may take off: so no guarantee is claimed.
 */
export class NoSandbox implements Sandbox {
  readonly endsWholeTree = false;
  readonly report: SandboxReport;

  constructor(
    reason: string,
    private readonly setpriv: string | null,
  ) {
    this.report = { mode: 'off', reason, limits: [...ENFORCED_LIMITS] };
  }

  async wrap(command: ToolCommand): Promise<string[]> {
    const dieWithParent = this.setpriv === null ? [] : [this.setpriv, '--pdeathsig', 'KILL', '--'];
    return [...dieWithParent, command.file, ...command.args];
  }
}
