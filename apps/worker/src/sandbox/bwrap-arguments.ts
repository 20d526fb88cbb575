import { sep } from 'node:path';

/** Something of the system that every sandboxed process sees, at the place where it is. */
export type SystemMount =
  | { kind: 'read-only'; path: string }
  /** Merged-usr systems have `/bin -> usr/bin` and the like. */
  | { kind: 'symlink'; path: string; target: string };

export interface SandboxRequest {
  system: readonly SystemMount[];
  /** The one writable folder, at its real path: caches, store and scratch in one mount, else hardlinks turn into copies. */
  pool: string;
  /** More files and folders to read, each with where it really is: interpreter prefix, tool, certificates. */
  readable: readonly { path: string; source: string }[];
  cwd: string;
  file: string;
  args: readonly string[];
  /** Options that only newer bubblewraps know; the probe finds out. */
  extra: readonly string[];
}

const ISOLATION = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--hostname',
  'darb',
  '--cap-drop',
  'ALL',
  '--new-session',
  '--die-with-parent',
];

const PRIVATE = ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];

/**
 * The command line of bubblewrap for one tool. The environment is not on it: it is inherited, so that no credential
 * shows in a process list. Order matters: a later mount covers an earlier one.
 */
export function bwrapArguments(request: SandboxRequest): string[] {
  const { system, pool, cwd, file, args, extra } = request;
  const readable = request.readable
    .filter(({ path }) => !isWithin(path, pool))
    .toSorted((a, b) => a.path.split(sep).length - b.path.split(sep).length);
  return [
    ...ISOLATION,
    ...extra,
    ...system.flatMap((mount) =>
      mount.kind === 'symlink'
        ? ['--symlink', mount.target, mount.path]
        : ['--ro-bind', mount.path, mount.path],
    ),
    ...PRIVATE,
    ...readable.flatMap(({ path, source }) => ['--ro-bind', source, path]),
    '--bind',
    pool,
    pool,
    '--chdir',
    cwd,
    '--',
    file,
    ...args,
  ];
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
