import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { explainSystemError, Sentence } from '../sentence.js';
import type { Environment } from '../variables.js';
import { writeFileSafely } from './write-file.js';

/** conda packages carry placeholders of about 250 characters for the path they are installed to. */
const MAX_LENGTH = 100;
const MARKER = 'standalone.json';

/** The folder that keeps everything of one Darb, and where its parts are. */
export interface DataFolder {
  path: string;
  /** Differs between two Darbs, for what they share: cookies of one host, keys of one Valkey. */
  instance: string;
  postgres: string;
  valkey: string;
  logs: string;
  secrets: string;
  run: string;
}

export interface FolderChoice {
  data: string | undefined;
  env: Environment;
  isRoot: boolean;
  checkout: string;
}

/** Where this user's Darb lives, unless told otherwise. */
export function chooseFolder({ data, env, isRoot, checkout }: FolderChoice): string {
  const home = env['HOME'] || homedir();
  const shared = env['XDG_DATA_HOME'];
  const usual = isRoot
    ? '/var/lib/darb'
    : // The specification says that a relative one is to be ignored.
      path.join(shared && path.isAbsolute(shared) ? shared : path.join(home, '.local', 'share'), 'darb');
  const chosen = resolveReally(path.resolve(data ?? usual));
  const inside = resolveReally(checkout);
  if (chosen === inside || chosen.startsWith(inside + path.sep)) {
    throw new Sentence(
      `The data folder ${chosen} lies inside Darb's own folder; a clean-up there would take your data along. Choose another with --data.`,
    );
  }
  const { length } = Buffer.from(chosen);
  if (length > MAX_LENGTH) {
    throw new Sentence(
      `The path of the data folder has ${length} characters; installed packages allow ${MAX_LENGTH}. Choose a shorter one with --data. (${chosen})`,
    );
  }
  return chosen;
}

/** Checks that the folder is ours to use, and makes what is missing. `major` is the PostgreSQL that we bring. */
export function prepareFolder(folder: string, major: number): DataFolder {
  try {
    const marker = path.join(folder, MARKER);
    if (existsSync(folder) && !statSync(folder).isDirectory()) {
      throw new Sentence(`${folder} is a file, not a folder. Choose a folder with --data.`);
    }
    if (!existsSync(marker)) refuseForeignContent(folder);
    refuseOtherOwner(folder);
    refuseOtherMajor(folder, major);
    makeFolder(folder, 0o750);
    if (!existsSync(marker)) writeFileSafely(marker, newMarker(), 0o640);
    const parts = {
      postgres: path.join(folder, `postgres-${major}`),
      valkey: path.join(folder, 'valkey'),
      logs: path.join(folder, 'logs'),
      secrets: path.join(folder, 'secrets'),
      run: path.join(folder, 'run'),
    };
    for (const name of ['valkey', 'logs', 'secrets', 'run'] as const) makeFolder(parts[name], 0o700);
    chmodSync(parts.secrets, 0o700);
    return { path: folder, instance: readInstance(marker), ...parts };
  } catch (error) {
    throw explainSystemError(error, `preparing the data folder ${folder}`);
  }
}

function newMarker(): string {
  const content = { instance: randomBytes(4).toString('hex'), created_at: new Date().toISOString() };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function readInstance(marker: string): string {
  try {
    const { instance } = JSON.parse(readFileSync(marker, 'utf8')) as { instance?: unknown };
    if (typeof instance === 'string' && /^[a-z0-9]{1,32}$/.test(instance)) return instance;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) throw error;
  }
  throw new Sentence(
    `${marker} can not be read: it should hold {"instance": "<letters and digits>"}. Restore it from a backup.`,
  );
}

function refuseForeignContent(folder: string): void {
  if (!existsSync(folder)) return;
  // A mount point of its own has lost+found in it.
  const foreign = readdirSync(folder).filter((name) => name !== 'lost+found');
  if (foreign.length === 0) return;
  throw new Sentence(
    `${folder} holds something else already (${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}). Choose an empty folder, or a new one, with --data.`,
  );
}

function refuseOtherOwner(folder: string): void {
  if (!existsSync(folder) || !process.getuid) return;
  const owner = statSync(folder).uid;
  const hasContent = existsSync(path.join(folder, MARKER));
  if (hasContent && owner !== process.getuid()) {
    throw new Sentence(
      `The data folder ${folder} belongs to another user (uid ${owner}). Start Darb as that user, or choose another folder with --data.`,
    );
  }
}

function refuseOtherMajor(folder: string, major: number): void {
  if (!existsSync(folder)) return;
  const others = readdirSync(folder).filter(
    (name) => /^postgres-\d+$/.test(name) && name !== `postgres-${major}`,
  );
  if (others.length === 0 || existsSync(path.join(folder, `postgres-${major}`))) return;
  const other = others.sort().at(-1)!.slice('postgres-'.length);
  throw new Sentence(
    `The data folder ${folder} holds a database of PostgreSQL ${other}; this Darb brings PostgreSQL ${major}, which can not read it. ` +
      `Dump it with the Darb that made it, or move it with pg_upgrade; docs/operations.md says how.`,
  );
}

/** With its parents. Not Node's own `recursive`: below /proc, where ENOENT means "not here", that never returns. */
function makeFolder(folder: string, mode: number): void {
  if (existsSync(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(folder);
    if (!isThere) throw error;
  }
}

/** With every symbolic link followed, as far as the path exists. */
function resolveReally(name: string): string {
  try {
    return realpathSync(name);
  } catch {
    const parent = path.dirname(name);
    return parent === name ? name : path.join(resolveReally(parent), path.basename(name));
  }
}
