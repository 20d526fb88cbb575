/** Manifests and lockfiles that a tool has written. */
import path from 'node:path';
import { PackageManagerError } from './errors.js';
import { cleanText } from './outside-text.js';
import { readBounded } from './trees/read-bounded.js';

/** Never from the exit code alone: the file must be there, and small enough to be kept. */
export async function readToolFile(
  tool: string,
  folder: string,
  name: string,
  maxBytes: number,
): Promise<string> {
  const found = await readBounded(path.join(folder, name), maxBytes);
  if (found === null)
    throw new PackageManagerError('tool_failed', `${tool} said that all is well, but wrote no ${name}.`);
  if (!found.isCut) return cleanText(found.bytes.toString('utf8'));
  const message = `The ${name} of this change would have more than ${maxBytes} bytes. Ask for fewer packages in one environment.`;
  throw new PackageManagerError('lockfile_too_large', message);
}
