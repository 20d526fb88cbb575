import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { backoffMs } from './backoff';
import { resumeId } from './event-id';

/** `unreachable`: the last attempt met no server at all; `reconnecting`: one that could not answer. */
export type StreamState = 'connecting' | 'open' | 'reconnecting' | 'unreachable' | 'paused';

export interface StreamHandlers {
  /** Events of one network read, in order: they are applied together, so that a replay renders once. */
  onEvents(events: EventSourceMessage[], job: string | null): void;
  onState(state: StreamState): void;
  /** Every time a connection is there. `resumed` is false when changes before it may have been missed. */
  onOpen(resumed: boolean): void;
  onSessionEnd(): void;
}

/** The server sends something every 15 s; after this long without a byte the connection is taken for dead. */
const SILENCE_MS = 40_000;

/**
 * The one event stream of a tab, over fetch instead of EventSource: that can neither tell a dead session from a
 * dead network, nor begin at an id when the followed job changes.
 */
export class EventStream {
  private job: string | null = null;
  private last: { id: string; job: string | null } | null = null;
  private attempt = 0;
  private connection: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = true;

  constructor(
    private readonly url: string,
    private readonly handlers: StreamHandlers,
    private readonly request: typeof fetch = (...arguments_) => fetch(...arguments_),
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.attempt = 0;
    void this.connect();
  }

  /** Closes the connection and keeps the place; `start` goes on from there. */
  pause(): void {
    this.stopped = true;
    this.close();
    this.handlers.onState('paused');
  }

  /** Follows the log of this job as well (null: of none). Reconnects at once, from the same place. */
  follow(job: string | null): void {
    if (job === this.job) return;
    this.job = job;
    // Whoever begins to follow a log, the same one included, has none of it yet.
    const place = resumeId(this.last, null);
    this.last = place ? { id: place, job } : null;
    if (this.stopped) return;
    this.attempt = 0;
    void this.connect();
  }

  /** The log has ended: a later reconnection needs not ask for it again. The connection stays. */
  logEnded(job: string): void {
    if (this.job === job) this.job = null;
    if (this.last?.job === job) this.last = { id: resumeId(this.last, null) ?? '', job: null };
  }

  /** Tries now instead of waiting for the backoff to pass, for example when the network is back. */
  retryNow(): void {
    if (!this.stopped && this.timer !== undefined) void this.connect();
  }

  /** Connects anew although nothing seems wrong: a connection over a network that is gone is silent for long. */
  prove(): void {
    if (!this.stopped && this.connection !== null) void this.connect();
  }

  private close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.connection?.abort();
    this.connection = null;
  }

  private async connect(): Promise<void> {
    this.close();
    const connection = new AbortController();
    this.connection = connection;
    const job = this.job;
    const from = resumeId(this.last, job);
    if (this.attempt === 0) this.handlers.onState('connecting');
    let isAnswered = false;
    try {
      const response = await this.request(job ? `${this.url}?job=${encodeURIComponent(job)}` : this.url, {
        headers: { accept: 'text/event-stream', ...(from ? { 'last-event-id': from } : {}) },
        signal: connection.signal,
        cache: 'no-store',
      });
      if (connection.signal.aborted) return;
      isAnswered = true;
      if (response.status === 401) return this.end();
      if (response.status === 400 || response.status === 404 || response.status === 422) {
        // The job or the place is one that the server does not know: go on without it.
        this.job = null;
        this.last = null;
      }
      if (!response.ok || !response.body) throw new Error(`The event stream answered ${response.status}.`);
      this.attempt = 0;
      this.handlers.onState('open');
      this.handlers.onOpen(from !== null);
      await this.read(response.body, job, connection);
    } catch {
      // Whatever it was: the place is kept, and the next attempt goes on from there.
    }
    if (this.connection === connection) this.reconnectLater(isAnswered);
  }

  private async read(
    body: ReadableStream<Uint8Array>,
    job: string | null,
    connection: AbortController,
  ): Promise<void> {
    let events: EventSourceMessage[] = [];
    const parser = createParser({
      onEvent: (event) => events.push(event),
      // Also of a frame that has nothing else: the server sends its place first.
      onId: (id) => (this.last = { id, job }),
    });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    try {
      for (;;) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
        const { done, value } = await reader.read();
        if (done || connection.signal.aborted) return;
        parser.feed(decoder.decode(value, { stream: true }));
        if (events.length === 0) continue;
        const batch = events;
        events = [];
        this.handlers.onEvents(batch, job);
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  private reconnectLater(isAnswered: boolean): void {
    this.connection = null;
    this.attempt += 1;
    this.handlers.onState(isAnswered ? 'reconnecting' : 'unreachable');
    this.timer = setTimeout(() => void this.connect(), backoffMs(this.attempt));
  }

  private end(): void {
    this.stopped = true;
    this.close();
    this.handlers.onSessionEnd();
  }
}
