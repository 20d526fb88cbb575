/** SQLSTATEs of a prepared statement that this connection can't use any more: its columns changed, or it is gone. */
const CHANGED_COLUMNS = '0A000';
const NO_SUCH_STATEMENT = '26000';

interface DatabaseFailure {
  code?: string;
  routine?: string;
}

/** A named statement that was prepared for the tables as they were; sent again under another name, it works. */
export function isStaleStatement(error: unknown): boolean {
  const { code, routine } = Object(error) as DatabaseFailure;
  return (code === CHANGED_COLUMNS && routine === 'RevalidateCachedQuery') || code === NO_SUCH_STATEMENT;
}
