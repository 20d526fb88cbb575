import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ToolCommand, ToolResult, ToolRunner } from '@darb/package-manager';
import { v4 as uuid } from 'uuid';
import type { JobLog } from '../logs/job-log.js';
import type { RunControl } from '../runs/run-control.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { OutputCapture } from './output-capture.js';
import { MARK_VARIABLE, ProcessTree } from './process-tree.js';
import { shownCommand, shownDuration } from './shown.js';

/** From SIGTERM to SIGKILL. */
export const KILL_GRACE_MS = 5_000;
/** How long killed processes may take to go; longer means stuck in the kernel, and the log says so. */
const END_TIMEOUT_MS = 10_000;
/** Output still in a pipe after the last process has gone. */
const DRAIN_MS = 2_000;
const STDOUT_BYTES = 16 * 1024 * 1024;
const STDERR_BYTES = 64 * 1024;

/**
 * What runs before the tool, in one `exec` chain: the kernel takes tools first when memory runs out, no core dumps,
 * a bounded number of open files. `"$@"` is the command itself, word by word: nothing of it is read by the shell.
 */
const LAUNCHER =
  '{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; ulimit -c 0; ulimit -n 16384 2>/dev/null; exec "$@"';

export interface ToolRunnerOptions {
  sandbox: Sandbox;
  /** Absolute folder that the tool may write to. */
  pool: string;
  log: JobLog;
  control: RunControl;
  /** Tells this worker's processes from any other's, see MARK_VARIABLE. */
  markPrefix: string;
  graceMs?: number;
}

/**
 * Spawns tools for one run. node:child_process and not execa: execa's result waits for the pipes to close, and a
 * process that the tool left behind keeps them open for as long as it lives.
 */
export function createToolRunner(options: ToolRunnerOptions): ToolRunner {
  return async (command) => {
    await access(command.file, constants.X_OK);
    const { log, control } = options;
    log.redactor.add(command.secrets ?? []);
    log.say(command.phase, shownCommand(command.file, command.args));
    control.throwIfStopped();
    const argv = await options.sandbox.wrap(command, options.pool);
    const result = await new ToolProcess(options, command, argv).result();
    log.say(command.phase, outcomeOf(result));
    return result;
  };
}

class ToolProcess {
  private readonly startedAt = performance.now();
  private readonly stdout = new OutputCapture(STDOUT_BYTES, 'head');
  private readonly stderr = new OutputCapture(STDERR_BYTES, 'tail');
  private readonly child: ChildProcess;
  private readonly tree: ProcessTree;
  private readonly outputs: Promise<void>[];
  private readonly exited: Promise<{ exitCode: number | null; signal: string | null }>;
  private killing: Promise<void> | null = null;
  /** What went wrong with the output itself; nobody could catch it where it happens. */
  private outputFault: Error | null = null;

  constructor(
    private readonly options: ToolRunnerOptions,
    private readonly command: ToolCommand,
    argv: string[],
  ) {
    const mark = options.sandbox.endsWholeTree ? null : `${options.markPrefix}.${uuid()}`;
    this.child = spawn('/bin/sh', ['-c', LAUNCHER, 'darb-tool', ...argv], {
      cwd: command.cwd,
      env: mark === null ? command.env : { ...command.env, [MARK_VARIABLE]: mark },
      // Leader of its own group and session: signals to the worker do not reach it, signals to it reach its children.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Before anything else: an `error` that nobody listens to would end the worker.
    this.exited = this.exit();
    this.tree = new ProcessTree(this.child.pid ?? -1, mark);
    this.outputs = [
      this.follow(this.child.stdout, 'stdout', this.stdout),
      this.follow(this.child.stderr, 'stderr', this.stderr),
    ];
  }

  async result(): Promise<ToolResult> {
    const { control } = this.options;
    const stop = () => {
      this.killing ??= this.kill();
      // It is awaited below, but not while the process has not exited.
      this.killing.catch(() => undefined);
    };
    control.signal.addEventListener('abort', stop, { once: true });
    if (control.signal.aborted) stop();
    try {
      const { exitCode, signal } = await this.exited;
      await this.killing;
      await this.endRest();
      await this.drain();
      if (this.outputFault !== null) throw this.outputFault;
      return {
        exitCode,
        signal,
        stdout: this.stdout.text(),
        stderr: this.stderr.text(),
        cancelled: control.signal.aborted,
        timedOut: control.reason?.kind === 'timeout',
        durationMs: performance.now() - this.startedAt,
      };
    } finally {
      control.signal.removeEventListener('abort', stop);
    }
  }

  private exit(): Promise<{ exitCode: number | null; signal: string | null }> {
    const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve, reject) => {
      this.child.on('error', reject);
      this.child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    exited.catch(() => undefined);
    return exited;
  }

  /** SIGTERM to the tool and all it started, then SIGKILL to whatever is left. */
  private async kill(): Promise<void> {
    // Bubblewrap itself is spared at first: it would take the tool with it before the tool could tidy up.
    this.tree.signal('SIGTERM', this.options.sandbox.endsWholeTree ? 'bwrap' : undefined);
    const deadline = Date.now() + (this.options.graceMs ?? KILL_GRACE_MS);
    while (Date.now() < deadline && this.isAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.end();
  }

  /** A tool that has ended may have left processes behind; a pid namespace leaves none. */
  private async endRest(): Promise<void> {
    if (!this.options.sandbox.endsWholeTree) await this.end();
  }

  private async end(): Promise<void> {
    if (await this.tree.end(END_TIMEOUT_MS)) return;
    this.options.log.say(
      this.command.phase,
      'A process of the tool cannot be killed: it is stuck in the kernel.',
    );
  }

  private isAlive(): boolean {
    const members = this.tree.members();
    if (members !== null) return members.length > 0;
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  private async drain(): Promise<void> {
    const timer = setTimeout(() => {
      this.child.stdout?.destroy();
      this.child.stderr?.destroy();
    }, DRAIN_MS);
    await Promise.all(this.outputs);
    clearTimeout(timer);
  }

  /** Brings one stream to the log, line by line; resolves when it has ended. Null: the process has not started. */
  private follow(stream: Readable | null, name: 'stdout' | 'stderr', capture: OutputCapture): Promise<void> {
    if (stream === null || stream === undefined) return Promise.resolve();
    const { log } = this.options;
    const splitter = log.stream(name, this.command.phase);
    stream.on('error', (error) => (this.outputFault ??= error));
    stream.on('data', (bytes: Buffer) => {
      this.noteFault(() => {
        capture.push(bytes);
        splitter.push(bytes);
      });
      if (!log.isFull) return;
      stream.pause();
      void log.room().then(() => stream.resume());
    });
    return new Promise((resolve) => {
      stream.once('close', () => {
        this.noteFault(() => splitter.end());
        resolve();
      });
    });
  }

  /** An error thrown in a stream's own event would end the worker, and every other job with it. */
  private noteFault(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.outputFault ??= error as Error;
    }
  }
}

function outcomeOf({ exitCode, signal, durationMs }: ToolResult): string {
  const how = signal === null ? `exit code ${exitCode ?? 'unknown'}` : `ended by ${signal}`;
  return `${how} after ${shownDuration(durationMs)}`;
}
