/**
 * Ids of the event stream: `<position>` for changes, with `~<epoch>-<seq>` behind it while a job's log is followed.
 */

/** What is left of an id when another log, or none, is followed: its place among the changes. */
export function withoutLogPosition(eventId: string): string {
  return eventId.split('~')[0]!;
}

/** The id to resume from, for a stream that follows `job`; null begins at the present. */
export function resumeId(last: { id: string; job: string | null } | null, job: string | null): string | null {
  if (!last) return null;
  return last.job !== null && last.job === job ? last.id : withoutLogPosition(last.id) || null;
}
