/** How many jobs wait for the same thing. */
export class WaitingReasonDto {
  /** As in a job's `waiting_for`; null: for its turn to be looked at. */
  waiting_for: string | null;

  jobs: number;
}

/** The jobs that the caller may see and that are not finished, and the room there is for them. */
export class QueueDto {
  /** Jobs that nobody runs yet. */
  pending: number;

  /** Jobs that are running. */
  running: number;

  /** Age of the oldest pending job in seconds; null when there is none. */
  oldest_pending_seconds: number | null;

  waiting: WaitingReasonDto[];

  /** Jobs that all live workers together can run at a time. */
  slots: number;

  /** Slots that are taken, by anybody's jobs. */
  slots_used: number;
}
