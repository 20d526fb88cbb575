import { lstat, readlink } from 'node:fs/promises';
import type { SystemMount } from './bwrap-arguments.js';

/** Programs and libraries. `/nix/store` is where they are on NixOS. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];
/** Names, certificates and the loader's cache; nothing else of `/etc` is shown. */
const SYSTEM_FILES = [
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/gai.conf',
  '/etc/host.conf',
  '/etc/hosts',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/pki',
  '/etc/resolv.conf',
  '/etc/ssl',
];

/** What of the system exists on this machine and in which form. Read once at start. */
export async function readSystemMounts(): Promise<SystemMount[]> {
  const mounts: SystemMount[] = [];
  for (const path of SYSTEM_FOLDERS) {
    const stats = await lstat(path).catch(() => null);
    if (stats?.isSymbolicLink()) mounts.push({ kind: 'symlink', path, target: await readlink(path) });
    else if (stats) mounts.push({ kind: 'read-only', path });
  }
  for (const path of SYSTEM_FILES) {
    // A symlink such as resolv.conf is followed by bubblewrap, so its content shows under its own name.
    if (await lstat(path).catch(() => null)) mounts.push({ kind: 'read-only', path });
  }
  return mounts;
}
