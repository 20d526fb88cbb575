import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from './backoff';
import { resumeId } from './event-id';
import { EventStream, type StreamHandlers } from './stream';

describe('resumeId', () => {
  it('keeps the place in the log only for the job that it belongs to', () => {
    const last = { id: '740.12~1-9', job: 'a' };
    expect(resumeId(null, 'a')).toBeNull();
    expect(resumeId(last, 'a')).toBe('740.12~1-9');
    expect(resumeId(last, 'b')).toBe('740.12');
    expect(resumeId(last, null)).toBe('740.12');
    expect(resumeId({ id: '~1-9', job: 'a' }, 'b')).toBeNull();
  });
});

describe('backoffMs', () => {
  it('grows to a limit, with jitter', () => {
    expect(backoffMs(1, () => 1)).toBe(500);
    expect(backoffMs(1, () => 0)).toBe(250);
    expect(backoffMs(4, () => 1)).toBe(4000);
    expect(backoffMs(50, () => 1)).toBe(15_000);
  });
});

describe('EventStream', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Answers each request from a list; a connection stays open until its body is closed. */
  function server() {
    const requests: { url: string; lastEventId: string | null; signal: AbortSignal }[] = [];
    const bodies: ReadableStreamDefaultController<Uint8Array>[] = [];
    let status = 200;
    const request = (async (url: string, init: RequestInit) => {
      requests.push({
        url,
        lastEventId: new Headers(init.headers).get('last-event-id'),
        signal: init.signal as AbortSignal,
      });
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          bodies.push(controller);
          init.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
        },
      });
      return new Response(status === 200 ? body : null, { status });
    }) as unknown as typeof fetch;
    return {
      requests,
      request,
      send: (text: string) => bodies.at(-1)!.enqueue(new TextEncoder().encode(text)),
      close: () => bodies.at(-1)!.close(),
      answer: (code: number) => (status = code),
    };
  }

  function handlers() {
    const seen: string[] = [];
    const all: StreamHandlers = {
      onEvents: (events, job) =>
        seen.push(...events.map((event) => `${job ?? '-'} ${event.event} ${event.data}`)),
      onState: (state) => seen.push(state),
      onOpen: (resumed) => seen.push(resumed ? 'resumed' : 'new'),
      onSessionEnd: () => seen.push('session end'),
    };
    return { seen, all };
  }

  const settle = () => vi.advanceTimersByTimeAsync(0);

  it('reads events that arrive in pieces, and resumes after the last one', async () => {
    const { requests, request, send, close } = server();
    const { seen, all } = handlers();
    const stream = new EventStream('/events', all, request);
    stream.start();
    await settle();
    send(': ping\n\nid: 70\n\nid: 71\nevent: job\nda');
    await settle();
    send('ta: {"ü":1}\n\n');
    await settle();
    expect(seen).toEqual(['connecting', 'open', 'new', '- job {"ü":1}']);
    close();
    await settle();
    expect(seen.at(-1)).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(500);
    expect(requests[1]).toMatchObject({ url: '/events', lastEventId: '71' });
    expect(seen.slice(-2)).toEqual(['open', 'resumed']);
    stream.pause();
  });

  it('resumes from a place that came without an event', async () => {
    const { requests, request, send, close } = server();
    const stream = new EventStream('/events', handlers().all, request);
    stream.start();
    await settle();
    send('id: 75\n\n');
    await settle();
    close();
    await vi.advanceTimersByTimeAsync(500);
    expect(requests[1]?.lastEventId).toBe('75');
    stream.pause();
  });

  it('has one connection at a time, and begins another log at its beginning', async () => {
    const { requests, request, send } = server();
    const { seen, all } = handlers();
    const stream = new EventStream('/events', all, request);
    stream.start();
    stream.follow('a');
    await settle();
    send('id: 71~1-4\nevent: line\ndata: x\n\n');
    await settle();
    stream.follow('b');
    await settle();
    expect(requests.map(({ url, lastEventId }) => [url, lastEventId])).toEqual([
      ['/events', null],
      ['/events?job=a', null],
      ['/events?job=b', '71'],
    ]);
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    expect(seen).toContain('a line x');
    stream.pause();
  });

  it('begins a log anew for whoever comes back to it', async () => {
    const { requests, request, send } = server();
    const stream = new EventStream('/events', handlers().all, request);
    stream.follow('a');
    stream.start();
    await settle();
    send('id: 71~1-4\nevent: line\ndata: x\n\n');
    await settle();
    stream.follow(null);
    stream.follow('a');
    await settle();
    expect(requests.at(-1)).toMatchObject({ url: '/events?job=a', lastEventId: '71' });
    stream.pause();
  });

  it('does not ask again for a log that has ended', async () => {
    const { requests, request, send, close } = server();
    const stream = new EventStream('/events', handlers().all, request);
    stream.follow('a');
    stream.start();
    await settle();
    send('id: 72~1-9\nevent: end\ndata: {}\n\n');
    await settle();
    stream.logEnded('a');
    close();
    await vi.advanceTimersByTimeAsync(500);
    expect(requests[1]).toMatchObject({ url: '/events', lastEventId: '72' });
    stream.pause();
  });

  it('goes on without a job that it may not see', async () => {
    const { requests, request, answer } = server();
    answer(404);
    const stream = new EventStream('/events', handlers().all, request);
    stream.follow('gone');
    stream.start();
    await settle();
    answer(200);
    await vi.advanceTimersByTimeAsync(500);
    expect(requests.map(({ url }) => url)).toEqual(['/events?job=gone', '/events']);
    stream.pause();
  });

  it('takes a silent connection for dead', async () => {
    const { requests, request } = server();
    const stream = new EventStream('/events', handlers().all, request);
    stream.start();
    await settle();
    await vi.advanceTimersByTimeAsync(41_000);
    expect(requests.length).toBe(2);
    stream.pause();
  });

  it('stops when the session is over, and waits longer each time when the server is away', async () => {
    const { requests, request, answer } = server();
    const { seen, all } = handlers();
    answer(503);
    const stream = new EventStream('/events', all, request);
    stream.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(requests.length).toBeGreaterThan(3);
    expect(requests.length).toBeLessThan(9);
    answer(401);
    await vi.advanceTimersByTimeAsync(20_000);
    const asked = requests.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests.length).toBe(asked);
    expect(seen.at(-1)).toBe('session end');
  });
});
