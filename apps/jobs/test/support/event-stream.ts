export interface ReceivedEvent {
  id: string | undefined;
  event: string | undefined;
  data: unknown;
}

/** Reads server-sent events as a browser does, and remembers the last id. */
export class EventStream {
  lastEventId: string | undefined;
  private readonly abort = new AbortController();

  constructor(
    private readonly open: (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>,
    lastEventId?: string,
  ) {
    this.lastEventId = lastEventId;
  }

  close(): void {
    this.abort.abort();
  }

  /** Ends with the connection. */
  async *events(): AsyncGenerator<ReceivedEvent> {
    const headers: Record<string, string> = this.lastEventId ? { 'last-event-id': this.lastEventId } : {};
    let text = '';
    try {
      // Inside: a stream may be closed before it is open.
      const response = await this.open(headers, this.abort.signal);
      if (response.status !== 200) throw new Error(`stream: ${response.status} ${await response.text()}`);
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
        text += part;
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) {
          const event = parse(block);
          if (event.id !== undefined) this.lastEventId = event.id;
          if (event.event !== undefined) yield event;
        }
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
  }
}

function parse(block: string): ReceivedEvent {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = field('data');
  return { id: field('id'), event: field('event'), data: data === undefined ? undefined : JSON.parse(data) };
}
