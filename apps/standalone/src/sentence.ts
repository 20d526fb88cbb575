import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** An error whose message is written for the person who started Darb; it is shown without a stack. */
export class Sentence extends Error {
  override name = 'Sentence';
}

const CHOOSE_ANOTHER = 'Choose another folder with --data.';

/** What happened, then what to do. `{what}` is what was tried, with the path in brackets. */
const SENTENCES: Record<string, string> = {
  ENOSPC: 'The disk is full: {what} was not possible. Free some space (or some inodes), then start again.',
  EDQUOT: 'Your disk quota is used up: {what} was not possible. Free some space, then start again.',
  EACCES:
    'This user may not do this: {what}. Start Darb as the owner of the data folder, or choose another with --data.',
  EPERM:
    'This user may not do this: {what}. Start Darb as the owner of the data folder, or choose another with --data.',
  EROFS: `The file system is read-only: {what} was not possible. ${CHOOSE_ANOTHER}`,
  ENOENT: `There is no such place, and it can't be made there: {what} was not possible. ${CHOOSE_ANOTHER}`,
  ENOTDIR: `A part of the path is a file, not a folder: {what} was not possible. ${CHOOSE_ANOTHER}`,
  EEXIST: `Something else is in its place already: {what} was not possible. ${CHOOSE_ANOTHER}`,
  ELOOP: `The path leads in a circle of symbolic links: {what} was not possible. ${CHOOSE_ANOTHER}`,
  ENAMETOOLONG: `The path is too long for this system: {what} was not possible. ${CHOOSE_ANOTHER}`,
  EIO: 'The disk reports an error (input/output): {what} was not possible. Look at the disk, and have a backup.',
  ESTALE:
    'The file system there is gone (a stale mount): {what} was not possible. Mount it again, then start again.',
  ENOTCONN:
    'The file system there is gone (a broken mount): {what} was not possible. Mount it again, then start again.',
  EMFILE: 'This process may not open more files: {what} was not possible. Raise its limit (ulimit -n).',
  ENFILE: 'This machine has too many open files: {what} was not possible.',
  ENOMEM: 'There is not enough memory: {what} was not possible.',
  EAGAIN: 'This user may not start more processes: {what} was not possible. Raise the limit (ulimit -u).',
};
const ANY_OTHER = 'It failed: {what}: {reason}.';

/** The same words for the same trouble, wherever the operating system reports it. Other errors stay what they are. */
export function explainSystemError(error: unknown, what: string): Error {
  if (error instanceof Sentence) return error;
  const code = systemCodeOf(error);
  if (code === undefined) return error as Error;
  const { path } = error as NodeJS.ErrnoException;
  const place = path && !what.includes(path) ? ` (${path})` : '';
  const sentence = SENTENCES[code] ?? ANY_OTHER;
  return new Sentence(
    sentence.replace('{what}', () => what + place).replace('{reason}', () => `${reasonOf(code)} (${code})`),
  );
}

/** Node has no name for some errors (EDQUOT, ESTALE): those it calls "Unknown system error" and a number. */
function systemCodeOf(error: unknown): string | undefined {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code !== undefined && code in constants.errno) return code;
  return Object.entries(constants.errno).find(([, number]) => errno === -number)?.[0];
}

function reasonOf(code: string): string {
  const number = constants.errno[code as keyof typeof constants.errno];
  return getSystemErrorMap().get(-number)?.[1] ?? 'an error of the system';
}
