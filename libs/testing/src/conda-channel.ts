import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MAKER = join(import.meta.dirname, '../conda-channel/make_channel.py');

/**
 * Writes a deterministic conda channel (linux-64 and noarch) of synthetic packages into `folder`; what is in it
 * stands at the top of make_channel.py. Needs python3, nothing else. Use it as `file://<folder>`.
 */
export async function makeCondaChannel(folder: string, options: { chain?: number } = {}): Promise<string> {
  const args = [MAKER, folder, '--format', 'bz2', '--chain', String(options.chain ?? 10), '--files', '4'];
  await promisify(execFile)('python3', args);
  return `file://${folder}`;
}
