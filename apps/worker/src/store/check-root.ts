import { link, mkdir, realpath, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';

/** Conda packages have room for a prefix of about 250 characters, and a tree adds some 130 to the root. */
export const MAX_ROOT_LENGTH = 100;

/** `f_type` of file systems that are, or may be, somewhere else. */
const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x65735546: 'FUSE',
  0x01021997: '9p',
  0x0bd00bd0: 'Lustre',
  0x00c36400: 'Ceph',
  0x47504653: 'GPFS',
  0x19830326: 'BeeGFS',
  0x5346414f: 'AFS',
  0x013111a8: 'IBRIX',
};

/**
 * Makes the storage root and finds out what its file system can do.
 * Throws a sentence when environments could not be kept there.
 */
export async function checkStorageRoot(configured: string, allowNetwork: boolean): Promise<string> {
  await mkdir(configured, { recursive: true, mode: 0o750 }).catch((error: Error) => {
    throw new Error(`DARB_STORAGE_ROOT ${configured} cannot be made: ${error.message}.`);
  });
  const path = await realpath(configured);
  if (path.length > MAX_ROOT_LENGTH) {
    throw new Error(
      `DARB_STORAGE_ROOT is really ${path}, which is longer than ${MAX_ROOT_LENGTH} characters: installed files carry the path inside them.`,
    );
  }
  const network = networkFileSystem((await statfs(path)).type);
  if (network !== null && !allowNetwork) {
    throw new Error(
      `DARB_STORAGE_ROOT ${path} is on a network file system (${network}). Use a local disk, or set DARB_STORAGE_ALLOW_NETWORK=true and accept that files are copied, not linked.`,
    );
  }
  if (!allowNetwork) await tryLinking(path);
  return path;
}

export function networkFileSystem(type: number): string | null {
  return NETWORK_FILE_SYSTEMS[type >>> 0] ?? null;
}

/** Trees share their files with the cache by hardlinks; a file system that has none would copy everything in silence. */
async function tryLinking(root: string): Promise<void> {
  const file = join(root, `.probe-${uuid()}`);
  const linked = `${file}-link`;
  try {
    await writeFile(file, '');
    await link(file, linked);
    if ((await stat(file)).nlink !== 2) throw new Error('a link was made, but it is a copy');
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `DARB_STORAGE_ROOT ${root} cannot be used: files cannot be made and hardlinked in it (${message}).`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(file, { force: true });
    await rm(linked, { force: true });
  }
}
