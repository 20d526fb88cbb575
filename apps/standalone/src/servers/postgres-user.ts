import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Sentence } from '../sentence.js';
import type { Command } from '../processes/bound.js';

/** How PostgreSQL, which refuses to run as root, is run by whoever we are. */
export interface PostgresUser {
  wrap: (command: Command) => Command;
  /** Set where it runs as another user, who must own the database. */
  ids?: { uid: number; gid: number };
}

const UNSHARE = ['-U', '--map-user=65534', '--map-group=65534'];

/**
 * Not root: as ourselves. Root: in a user namespace in which we are not, so that the files stay ours and no parent
 * folder has to be opened. Where that is forbidden (many containers): as the user postgres, else nobody.
 */
export function postgresUser(): PostgresUser {
  if (process.getuid?.() !== 0) return { wrap: (command) => command };
  if (spawnSync('unshare', [...UNSHARE, 'true'], { stdio: 'ignore' }).status === 0) {
    return { wrap: ({ file, args }) => ({ file: 'unshare', args: [...UNSHARE, '--', file, ...args] }) };
  }
  const ids = idsOf('postgres') ?? idsOf('nobody');
  if (!ids)
    throw new Sentence(
      'PostgreSQL does not run as root, and there is no user "postgres" or "nobody". Start Darb as an ordinary user.',
    );
  return { wrap: (command) => command, ids };
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}
