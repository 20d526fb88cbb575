/** Files of a tree are written by packages: none is read without a bound. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { cleanText } from '../outside-text.js';

/** Without waiting for the other end of a pipe. */
const READ_PLAIN = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * At most `maxBytes` from a file's beginning; null when it cannot be read. `isCut`: there was more.
 * A pipe or a device in the place of a file is not waited for.
 */
export async function readBounded(
  file: string,
  maxBytes: number,
): Promise<{ bytes: Buffer; isCut: boolean } | null> {
  const handle = await open(file, READ_PLAIN).catch(() => null);
  if (handle === null) return null;
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return null;
    const buffer = Buffer.allocUnsafe(Math.min(stats.size, maxBytes));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: buffer.subarray(0, length), isCut: stats.size > maxBytes };
  } catch {
    return null;
  } finally {
    await handle.close().catch(() => undefined);
  }
}

/** The same as text, cleaned; a file that is longer than the bound gives null as well. */
export async function readWholeText(file: string, maxBytes: number): Promise<string | null> {
  const found = await readBounded(file, maxBytes);
  return found === null || found.isCut ? null : cleanText(found.bytes.toString('utf8'));
}
