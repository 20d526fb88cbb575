/** A place in a job's log: everything up to and including `seq` of `epoch` has been read. */
export interface LogPosition {
  epoch: number;
  seq: number;
}

export const LOG_START: LogPosition = { epoch: 1, seq: 0 };

/** Reads `<epoch>-<seq>`; anything else, as a browser may send of another stream, is the start. */
export function parseLogPosition(text: string | undefined): LogPosition {
  const match = /^(\d{1,9})-(\d{1,15})$/.exec(text ?? '');
  if (!match) return LOG_START;
  return { epoch: Math.max(1, Number(match[1])), seq: Number(match[2]) };
}

export function formatLogPosition({ epoch, seq }: LogPosition): string {
  return `${epoch}-${seq}`;
}
