/** A process that a supervisor keeps alive: it comes back after it ended, however that happened. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Guard } from '@darb/testing';

export interface ManagedPlan {
  name: string;
  file: string;
  args: string[];
  env: Record<string, string>;
  log: string;
  guard: Guard;
  /** How it stops in good order. */
  stopSignal: NodeJS.Signals;
}

/** A process that ended although nobody told it to. */
export interface SelfEnd {
  name: string;
  at: number;
  how: string;
  livedMs: number;
}

const RESTART_MS = 500;
const STOP_GRACE_MS = 10_000;

export class Managed {
  /** Ends that the harness did not cause. */
  readonly selfEnds: SelfEnd[] = [];
  starts = 0;
  private child: ChildProcess | null = null;
  private isWanted = false;
  private wasTold = false;
  private restartMs = RESTART_MS;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly plan: ManagedPlan) {}

  get name(): string {
    return this.plan.name;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  start(): void {
    this.isWanted = true;
    this.launch();
  }

  /** SIGKILL; the supervisor brings it back after `restartMs`. False when it is down already. */
  kill(restartMs: number): boolean {
    return this.tell('SIGKILL', restartMs);
  }

  /** Asks it to stop in good order; it comes back after `restartMs`. */
  terminate(restartMs: number): boolean {
    return this.tell(this.plan.stopSignal, restartMs);
  }

  freeze(): boolean {
    return this.child?.kill('SIGSTOP') ?? false;
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** For good. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.isWanted = false;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child) return;
    this.wasTold = true;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(timer);
  }

  private tell(signal: NodeJS.Signals, restartMs: number): boolean {
    if (!this.child) return false;
    this.restartMs = restartMs;
    this.wasTold = true;
    // A frozen process takes no notice of SIGTERM.
    if (signal !== 'SIGKILL') this.child.kill('SIGCONT');
    return this.child.kill(signal);
  }

  private launch(): void {
    const { plan } = this;
    const log = openSync(plan.log, 'a');
    writeSync(log, `--- start ${++this.starts} at ${new Date().toISOString()}\n`);
    const startedAt = Date.now();
    const child = spawn(plan.file, plan.args, { env: plan.env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    this.wasTold = false;
    plan.guard.watch(child);
    child.once('error', () => undefined);
    child.once('exit', (code, signal) => {
      this.child = null;
      if (!this.isWanted) return;
      if (!this.wasTold) this.noteSelfEnd(startedAt, signal ?? `exit code ${code}`);
      this.timer = setTimeout(() => this.launch(), this.restartMs);
      this.restartMs = RESTART_MS;
    });
  }

  private noteSelfEnd(startedAt: number, how: string): void {
    const at = Date.now();
    this.selfEnds.push({ name: this.name, at, how, livedMs: at - startedAt });
  }
}
