import { EventSourceParserStream } from 'eventsource-parser/stream';

/** One server-sent event. `data` is text; Darb's is JSON. */
export interface ServerEvent {
  id: string | undefined;
  event: string;
  data: string;
}

export interface StreamOptions {
  token?: string;
  /** Resume after this id; the event with this id is not sent again. */
  lastEventId?: string;
  signal?: AbortSignal;
  fetch?: typeof fetch;
}

/** The stream could not be opened; `problem` is the body of the answer, when it has one. */
export class StreamError extends Error {
  override name = 'StreamError';
  constructor(
    readonly status: number,
    readonly problem: unknown,
  ) {
    super(`The stream could not be opened: HTTP ${status}.`);
  }
}

/**
 * Events of one connection, until the service ends it (then it returns), the signal aborts or the connection breaks
 * (then it throws). It does not reconnect by itself: the caller knows the last id that it has dealt with.
 */
export async function* streamEvents(
  url: string | URL,
  options: StreamOptions = {},
): AsyncGenerator<ServerEvent> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (options.token) headers['authorization'] = `Bearer ${options.token}`;
  if (options.lastEventId !== undefined) headers['last-event-id'] = options.lastEventId;
  const response = await (options.fetch ?? fetch)(url, { headers, signal: options.signal });
  if (!response.ok || !response.body) {
    throw new StreamError(response.status, await response.json().catch(() => undefined));
  }
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { id: value.id, event: value.event ?? 'message', data: value.data };
    }
  } finally {
    // Leaving the loop early ends the request.
    await reader.cancel().catch(() => {});
  }
}
