/** A place in the order of events: everything up to and including (xid, id) has been seen. */
export interface EventPosition {
  /** Transaction that wrote the event; 64 bits, so a bigint. */
  xid: bigint;
  id: number;
}

/** Reads `<xid>.<id>`, null for anything else. */
export function parseEventPosition(text: string | undefined): EventPosition | null {
  const match = /^(\d{1,19})\.(\d{1,15})$/.exec(text ?? '');
  return match ? { xid: BigInt(match[1]!), id: Number(match[2]) } : null;
}

export function formatEventPosition({ xid, id }: EventPosition): string {
  return `${xid}.${id}`;
}

export function isAfter(a: EventPosition, b: EventPosition): boolean {
  return a.xid > b.xid || (a.xid === b.xid && a.id > b.id);
}
