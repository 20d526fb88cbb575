import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { Sentence } from '../sentence.js';

/** A new database and its first logs take about 80 MB; below this a start would only break half way. */
const MIN_FREE_BYTES = 200 * 1024 * 1024;

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
  const facts = statfsSync(nearestExisting(folder));
  const network = process.platform === 'linux' ? NETWORK_FILE_SYSTEMS[facts.type] : undefined;
  if (network && !allowsNetwork) {
    throw new Sentence(
      `The data folder ${folder} is on a network file system (${network}), where a database and hard links are not safe. Choose a local folder with --data.`,
    );
  }
  const free = facts.bavail * facts.bsize;
  if (free < MIN_FREE_BYTES) {
    throw new Sentence(
      `The disk of the data folder ${folder} is full: ${megabytes(free)} MB are free, Darb needs ${megabytes(MIN_FREE_BYTES)} MB to start. Free some space, or choose another folder with --data.`,
    );
  }
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(path.dirname(folder));
}
