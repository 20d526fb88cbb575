/** Whether files have changed since they were looked at, by their stats alone. */
import { stat } from 'node:fs/promises';

/** One text for all paths: another text, other files. Links are followed, what is missing counts too. */
export async function fingerprintOf(paths: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    paths.map(async (path) => {
      const stats = await stat(path).catch(() => null);
      const state = stats === null ? 'missing' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
      return `${path} ${state}`;
    }),
  );
  return lines.join('\n');
}
