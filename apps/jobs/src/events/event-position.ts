/** A place in the order of events: everything up to and including this number has been seen. */
export type EventPosition = number;

/** Below every event. */
export const BEFORE_ALL_EVENTS: EventPosition = 0;

/**
 * Reads the position out of an event's id. Null when it is none, as in ids of earlier versions (`<xid>.<id>`): nobody
 * can go on from there.
 */
export function parseEventPosition(text: string): EventPosition | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
