/** A file of a tree that Darb itself wrote. */
import path from 'node:path';
import type { TreeFault } from '../port.js';
import { readBounded } from './read-bounded.js';

/** Null: the file holds exactly this text. Never reads more than that. */
export async function textFault(tree: string, name: string, text: string): Promise<TreeFault | null> {
  const expected = Buffer.from(text);
  const found = await readBounded(path.join(tree, name), expected.length);
  if (found === null) return { code: 'tree_damaged', message: `The environment’s \`${name}\` is missing.` };
  if (!found.isCut && found.bytes.equals(expected)) return null;
  return { code: 'tree_damaged', message: `The environment’s \`${name}\` was changed.` };
}
