/** A few processes that start when they are needed and go when they are not. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TaskAnswer, TaskRequest } from './child.js';
import type { Tasks, TaskName } from './tasks.js';

/** A process that has had nothing to do for so long gives its memory back. */
const IDLE_MS = 20_000;
const LOOK_MS = 100;
/** Processor time in which a process starts and loads the parsers, on a slow machine. */
const START_CPU_MS = 1_500;
/** Where the processor time of a process cannot be read, wall time is taken for it. */
const WALL_FACTOR = 3;
/** Linux counts processor time in hundredths of a second for whoever asks. */
const TICK_MS = 10;

const isSource = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(isSource ? './child.ts' : './child.js', import.meta.url));
const FROM_SOURCE = isSource
  ? ['--disable-warning=ExperimentalWarning', '--import', new URL('./from-source.mjs', import.meta.url).href]
  : [];

/** The task took more time or memory than it may. */
export class TaskTooBig extends Error {
  override readonly name = 'TaskTooBig';
}

export interface TaskLimits {
  processes: number;
  /** Heap of each process. */
  memoryMb: number;
  /** Processor time of one task; null: as long as it takes. */
  cpuMs: number | null;
}

interface Waiting {
  request: TaskRequest;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Not a thread: one that runs out of memory takes the whole process with it, whatever its limits say (seen). */
class Child {
  private readonly process: ChildProcess;
  private isFresh = true;
  private current: Waiting | null = null;
  private idle: NodeJS.Timeout | null = null;
  private watch: NodeJS.Timeout | null = null;

  constructor(
    private readonly limits: TaskLimits,
    private readonly onFree: (child: Child) => void,
    private readonly onGone: (child: Child) => void,
  ) {
    this.process = fork(ENTRY, [], {
      execArgv: [`--max-old-space-size=${limits.memoryMb}`, ...FROM_SOURCE],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.process.on('message', (answer: TaskAnswer) => this.finish(answer));
    this.process.on('error', (error) => this.fail(error));
    // Out of memory is SIGABRT by V8 or SIGKILL by the kernel.
    this.process.on('exit', () => this.fail(new TaskTooBig('The task takes too much memory.')));
    this.setWanted(false);
  }

  run(waiting: Waiting): void {
    if (this.idle) clearTimeout(this.idle);
    this.current = waiting;
    this.setWanted(true);
    this.process.send(waiting.request, (error) => {
      if (error !== null) this.fail(error);
    });
    // What a new process needs to start is not the text's fault.
    const { cpuMs } = this.limits;
    if (cpuMs !== null) this.limit(this.isFresh ? cpuMs + START_CPU_MS : cpuMs);
    this.isFresh = false;
  }

  private limit(cpuMs: number): void {
    const startedAt = performance.now();
    const before = processorMs(this.process.pid);
    this.watch = setInterval(() => {
      const now = processorMs(this.process.pid);
      const isOver =
        before === null || now === null
          ? performance.now() - startedAt > cpuMs * WALL_FACTOR
          : now - before > cpuMs;
      if (isOver) this.fail(new TaskTooBig('The task takes too long.'));
    }, LOOK_MS);
  }

  private finish(answer: TaskAnswer): void {
    const done = this.leave();
    this.setWanted(false);
    this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
    this.onFree(this);
    if ('value' in answer) done?.resolve(answer.value);
    else done?.reject(answer.error);
  }

  /** The process is of no use any more: out of memory, out of time, or gone. */
  private fail(error: Error): void {
    const done = this.leave();
    this.end();
    done?.reject(error);
  }

  private leave(): Waiting | null {
    if (this.watch) clearInterval(this.watch);
    const done = this.current;
    this.current = null;
    return done;
  }

  private end(): void {
    if (this.idle) clearTimeout(this.idle);
    this.onGone(this);
    this.process.kill('SIGKILL');
  }

  /** Whether this process should go on living for the child's sake: only while somebody awaits its answer. */
  private setWanted(isWanted: boolean): void {
    if (isWanted) {
      this.process.ref();
      this.process.channel?.ref();
    } else {
      this.process.unref();
      this.process.channel?.unref();
    }
  }
}

/** Processor time of a process so far; null where that cannot be told. */
function processorMs(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

export class ChildPool {
  private readonly children = new Set<Child>();
  private readonly free: Child[] = [];
  private readonly queue: Waiting[] = [];

  constructor(private readonly limits: TaskLimits) {}

  /** Rejects with `TaskTooBig` when a limit is reached, else with what the task threw. */
  run<N extends TaskName>(task: N, ...args: Parameters<Tasks[N]>): Promise<Awaited<ReturnType<Tasks[N]>>> {
    return new Promise((resolve, reject) => {
      this.queue.push({ request: { task, args }, resolve: resolve as (value: unknown) => void, reject });
      this.next();
    });
  }

  private next(): void {
    while (this.queue.length > 0) {
      const child = this.free.pop() ?? this.start();
      if (child === null) return;
      child.run(this.queue.shift()!);
    }
  }

  private start(): Child | null {
    if (this.children.size >= this.limits.processes) return null;
    const child = new Child(
      this.limits,
      (one) => {
        this.free.push(one);
        this.next();
      },
      (one) => this.forget(one),
    );
    this.children.add(child);
    return child;
  }

  private forget(child: Child): void {
    if (!this.children.delete(child)) return;
    const at = this.free.indexOf(child);
    if (at !== -1) this.free.splice(at, 1);
    this.next();
  }
}
