import { IsOptional, IsUUID, Matches } from 'class-validator';

/** `<xid>.<id>` is how earlier versions spelled it: understood, and answered with `reset`. */
const EVENT_ID = /^\d{1,19}(\.\d{1,15})?(~\d{1,9}-\d{1,15})?$/;

/** What a stream of events carries and where it goes on. */
export class StreamEventsQuery {
  /** Also stream this job's log. */
  @IsOptional()
  @IsUUID()
  job?: string;

  /** Id of the last event already seen; the header `Last-Event-ID` comes before it. */
  @IsOptional()
  @Matches(EVENT_ID, { message: 'must be the id of an event' })
  last_event_id?: string;
}
