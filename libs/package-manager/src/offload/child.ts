/** The process that does big tasks, one after the other. It ends with its parent, by the channel between them. */
import { writeFileSync } from 'node:fs';
import { TASKS, type TaskName } from './tasks.js';

export interface TaskRequest {
  task: TaskName;
  args: unknown[];
}

export type TaskAnswer = { value: unknown } | { error: Error };

function perform({ task, args }: TaskRequest): TaskAnswer {
  try {
    return { value: (TASKS[task] as (...all: unknown[]) => unknown)(...args) };
  } catch (error) {
    return { error: error as Error };
  }
}

// Sent to a whole process group when somebody stops Darb: what is under way is still wanted.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
try {
  // When memory runs out, the kernel takes this process and not a service.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Linux only.
}
process.on('message', (request: TaskRequest) => process.send?.(perform(request)));
