import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { explainSystemError } from '../sentence.js';
import type { Environment } from '../variables.js';
import type { Command } from './bound.js';
import { ErrorLines } from './error-lines.js';
import { LogFile } from './log-file.js';
import { signalGroup } from '../process-identity.js';

export interface ProcessPlan {
  name: string;
  command: Command;
  env: Environment;
  cwd: string;
  log: string;
  /** Written to its standard input, which is then closed; for what must not stand on a command line. */
  input?: string;
  /** Whether it is a Node program with the lifeline loaded. */
  hasLifeline: boolean;
  stopSignal: NodeJS.Signals;
  /** After this long it is killed. */
  stopWithinMs: number;
  user?: { uid: number; gid: number };
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One child process at a time, in a process group of its own: a Ctrl-C in the terminal reaches only us. */
export class ManagedProcess {
  readonly errors: ErrorLines;
  private child: ChildProcess | undefined;
  private exit: Promise<Exit> = Promise.resolve({ code: 0, signal: null });
  private hasExited = true;

  constructor(
    readonly plan: ProcessPlan,
    onError: (text: string) => void,
  ) {
    this.errors = new ErrorLines(onError);
  }

  get pid(): number | undefined {
    return this.hasExited ? undefined : this.child?.pid;
  }

  get ended(): Promise<Exit> {
    return this.exit;
  }

  /** Resolves when the process exists; rejects when it can't be started at all. */
  async start(): Promise<number> {
    const { command, env, cwd, input, hasLifeline, user } = this.plan;
    this.errors.reset();
    const child = spawn(command.file, command.args, {
      cwd,
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: [
        input === undefined ? 'ignore' : 'pipe',
        'pipe',
        'pipe',
        ...(hasLifeline ? (['ipc'] as const) : []),
      ],
      ...user,
    });
    this.child = child;
    this.hasExited = false;
    this.exit = this.watch(child);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(explainSystemError(error, `starting ${this.plan.name}`)));
    });
    // The lifeline is only a wire whose end we hold; it needs no messages and must not keep us running.
    child.channel?.unref();
    child.stdin?.on('error', () => undefined).end(input);
    return child.pid!;
  }

  /** Asks it to end, waits, and kills the whole group when it takes too long. */
  async stop(withinMs = this.plan.stopWithinMs): Promise<Exit> {
    if (this.hasExited || !this.child?.pid) return this.exit;
    this.child.kill(this.plan.stopSignal);
    const timer = setTimeout(() => this.kill(), withinMs);
    try {
      return await this.exit;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    if (!this.hasExited && this.child?.pid) signalGroup(this.child.pid, 'SIGKILL');
  }

  private watch(child: ChildProcess): Promise<Exit> {
    const log = new LogFile(this.plan.log);
    const take = (chunk: Buffer) => {
      log.write(chunk);
      this.errors.add(chunk);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    return new Promise((resolve) => {
      let exit: Exit = { code: null, signal: null };
      const finish = () => {
        if (this.hasExited) return;
        this.hasExited = true;
        child.stdout?.destroy();
        child.stderr?.destroy();
        log.close();
        resolve(exit);
      };
      child.once('error', finish);
      child.once('close', finish);
      child.once('exit', (code, signal) => {
        exit = { code, signal };
        // What it started and did not end itself has nobody left to end it.
        if (child.pid) signalGroup(child.pid, 'SIGKILL');
        // A grandchild may hold the pipes open; what the process itself said has arrived by then.
        setTimeout(finish, 300);
      });
    });
  }
}
