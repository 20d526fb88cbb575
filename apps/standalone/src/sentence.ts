/** An error whose message is written for the person who started Darb; it is shown without a stack. */
export class Sentence extends Error {
  override name = 'Sentence';
}

/** The same words for the same trouble, wherever the operating system reports it. */
export function explainSystemError(error: unknown, what: string): Error {
  const { code, path } = error as NodeJS.ErrnoException;
  const place = path ? ` (${path})` : '';
  if (code === 'ENOSPC')
    return new Sentence(
      `The disk is full: ${what} was not possible${place}. Free some space, then start again.`,
    );
  if (code === 'EDQUOT') return new Sentence(`Your disk quota is used up: ${what} was not possible${place}.`);
  if (code === 'EACCES' || code === 'EPERM') {
    return new Sentence(
      `This user may not do this: ${what}${place}. Start Darb as the owner of the data folder, or choose another with --data.`,
    );
  }
  if (code === 'EROFS')
    return new Sentence(
      `The file system is read-only: ${what} was not possible${place}. Choose another folder with --data.`,
    );
  return error as Error;
}
