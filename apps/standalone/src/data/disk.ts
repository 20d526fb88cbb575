import { lstatSync, statfsSync } from 'node:fs';
import type { StatsFs } from 'node:fs';
import path from 'node:path';
import { explainSystemError, Sentence } from '../sentence.js';

/** A new database and its first logs take about 80 MB; below this a start would only break half way. */
const MIN_FREE_BYTES = 200 * 1024 * 1024;
/** A new database alone is about a thousand files. */
const MIN_FREE_FILES = 2_000;

/** Numbers of statfs(2) on Linux. */
const NETWORK_FILE_SYSTEMS: Record<number, string> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'SMB',
  0xfe534d42: 'SMB',
  0x00c36400: 'Ceph',
  0x5346414f: 'AFS',
  0x73757245: 'Coda',
};

/** Refuses a folder whose file system is full, or (unless allowed) somewhere on the network. */
export function checkDisk(folder: string, allowsNetwork: boolean): void {
  refuseDisk(folder, statfsOf(folder), allowsNetwork);
}

/** Throws the sentence for what these facts make impossible. */
export function refuseDisk(
  folder: string,
  facts: Pick<StatsFs, 'type' | 'bsize' | 'blocks' | 'bavail' | 'files' | 'ffree'>,
  allowsNetwork: boolean,
): void {
  const network = process.platform === 'linux' ? NETWORK_FILE_SYSTEMS[facts.type] : undefined;
  if (network && !allowsNetwork) {
    throw new Sentence(
      `The data folder ${folder} is on a network file system (${network}), where a database and hard links are not safe. Choose a local folder with --data.`,
    );
  }
  // /proc and its kin keep no blocks at all, and a tmpfs may be without a limit: neither is full.
  if (facts.blocks === 0) return;
  const free = facts.bavail * facts.bsize;
  if (free < MIN_FREE_BYTES) {
    throw new Sentence(
      `The disk of the data folder ${folder} is full: ${megabytes(free)} MB are free, Darb needs ${megabytes(MIN_FREE_BYTES)} MB to start. Free some space, or choose another folder with --data.`,
    );
  }
  // File systems without a fixed number of inodes (btrfs) report none at all.
  if (facts.files > 0 && facts.ffree < MIN_FREE_FILES) {
    throw new Sentence(
      `The disk of the data folder ${folder} has no room for more files: ${facts.ffree} inodes are free, Darb needs ${MIN_FREE_FILES} to start. Delete some files, or choose another folder with --data.`,
    );
  }
}

/** Bytes that may still be written where this folder is; undefined when the system does not say. */
export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(folder);
    return files > 0 && ffree === 0 ? 0 : bavail * bsize;
  } catch {
    return undefined;
  }
}

function statfsOf(folder: string): StatsFs {
  try {
    return statfsSync(nearestExisting(folder));
  } catch (error) {
    throw explainSystemError(error, `looking at the disk of the data folder ${folder}`);
  }
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}

/** Throws where it can't be told, for example below a folder that this user may not enter. */
function nearestExisting(folder: string): string {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })) return folder;
  } catch (error) {
    // A parent that is a file is said by whoever makes the folder.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
  return nearestExisting(path.dirname(folder));
}
