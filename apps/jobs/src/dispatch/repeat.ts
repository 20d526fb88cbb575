import type { Logger } from '@nestjs/common';
import { Bell } from '../infrastructure/bell.js';

/** Does something again and again until the process stops; one that fails is followed by the next. */
export async function repeat(
  everyMs: number,
  what: string,
  signal: AbortSignal,
  logger: Logger,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      logger.warn(`${what} failed (${(error as Error).message}); trying again.`);
    }
    await new Bell().wait(everyMs, signal);
  }
}
