import { toProblem } from '@darb/service-kit';
import { Bell } from './bell.js';

const TRY_AGAIN_MS = 1_000;

/**
 * For readers who are connected: repeats a read while the database is away, until it is back or the signal aborts.
 * @throws whatever else the read throws
 */
export async function patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  while (true) {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted || toProblem(error).status !== 503) throw error;
      await new Bell().wait(TRY_AGAIN_MS, signal);
      if (signal.aborted) throw error;
    }
  }
}
