import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyReply } from 'fastify';

/** One request on its way to a service. */
export class Exchange {
  private readonly controller = new AbortController();
  /** Aborts when the client has gone or the gateway stops: the connection to the service is closed with it. */
  readonly signal = this.controller.signal;
  readonly startedAt = Date.now();
  isStream = false;

  abort(): void {
    this.controller.abort();
  }
}

/** Every exchange that is under way, so that stopping can end them in order. */
export class Exchanges {
  private readonly open = new Set<Exchange>();
  private readonly storage = new AsyncLocalStorage<Exchange>();
  private isStopping = false;

  begin(reply: FastifyReply): Exchange {
    const exchange = new Exchange();
    this.open.add(exchange);
    // `close` comes after a complete exchange too. An abort then does nothing, but it makes an error with its stack.
    reply.raw.once('close', () => {
      this.open.delete(exchange);
      if (!reply.raw.writableFinished || !reply.request.raw.complete) exchange.abort();
    });
    return exchange;
  }

  run<T>(exchange: Exchange, work: () => T): T {
    return this.storage.run(exchange, work);
  }

  /** The exchange that the running code belongs to; the HTTP client asks, because the proxy plugin hands on no signal. */
  current(): Exchange | undefined {
    return this.storage.getStore();
  }

  /** An event stream never ends by itself: while stopping it is cut at once, and its reader resumes elsewhere. */
  markStream(exchange: Exchange): void {
    exchange.isStream = true;
    if (this.isStopping) setImmediate(() => exchange.abort());
  }

  /** Cuts streams at once and everything else after `graceMs`. */
  stop(graceMs: number): void {
    this.isStopping = true;
    for (const exchange of this.open) if (exchange.isStream) exchange.abort();
    setTimeout(() => {
      for (const exchange of this.open) exchange.abort();
    }, graceMs).unref();
  }
}
