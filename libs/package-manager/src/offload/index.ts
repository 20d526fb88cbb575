/** Big texts and many files, off the event loop; small ones at once, because a process costs more than they do. */
import { inputError } from '../specs/text.js';
import type { Checked, InputErrorCode } from '../specs/types.js';
import type { ExpectedFile, FileFault } from '../trees/hashing.js';
import { TASKS, type Tasks, type TaskName } from './tasks.js';
import { ChildPool, TaskTooBig } from './child-pool.js';

/** Below so many characters a text is parsed at once: some milliseconds. */
const SMALL_LENGTH = 64 * 1024;
/** What passes is parsed in less: the largest lockfile takes a third of it. */
const PARSE_CPU_MS = 2_000;
const PARSE_MEMORY_MB = 256;

/** Their work is as long as files are large: no limit but memory. */
const hashers = new ChildPool({ processes: 2, memoryMb: 128, cpuMs: null });
const parsers = new ChildPool({ processes: 2, memoryMb: PARSE_MEMORY_MB, cpuMs: PARSE_CPU_MS });

/** Tasks that read a text which somebody else wrote. */
type TextTask = Exclude<TaskName, 'checkFilesNow'>;

/** A task on texts; one that needs too much time or memory is a fault of the text, with this code. */
export async function runOnText<N extends TextTask>(
  code: InputErrorCode,
  task: N,
  ...args: Parameters<Tasks[N]>
): Promise<ReturnType<Tasks[N]> | Extract<Checked<object>, { ok: false }>> {
  const length = args.reduce((sum: number, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
  if (length < SMALL_LENGTH) return (TASKS[task] as (...all: unknown[]) => ReturnType<Tasks[N]>)(...args);
  try {
    return (await parsers.run(task, ...args)) as ReturnType<Tasks[N]>;
  } catch (error) {
    if (!(error instanceof TaskTooBig)) throw error;
    const message =
      'This file needs more time or memory to be read than any real one does; check what is in it.';
    return { ok: false, errors: [inputError(code, message)] };
  }
}

/** Hashes a batch of files in another process. */
export function hashAside(files: ExpectedFile[]): Promise<FileFault[]> {
  return hashers.run('checkFilesNow', files);
}
