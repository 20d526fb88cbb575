/** A file of a tree that Darb itself wrote. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { TreeFault } from '../port.js';

/** Null: the file holds exactly this text. Never reads more than that. */
export async function textFault(tree: string, name: string, text: string): Promise<TreeFault | null> {
  const expected = Buffer.from(text);
  const found = await readUpTo(path.join(tree, name), expected.length + 1);
  if (found === null) return { code: 'tree_damaged', message: `The environment’s \`${name}\` is missing.` };
  if (found.equals(expected)) return null;
  return { code: 'tree_damaged', message: `The environment’s \`${name}\` was changed.` };
}

async function readUpTo(file: string, bytes: number): Promise<Buffer | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const buffer = Buffer.alloc(bytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes; length += read) {
      read = (await handle.read(buffer, length, bytes - length, null)).bytesRead;
    }
    return buffer.subarray(0, length);
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}
