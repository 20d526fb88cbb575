import { Agent } from 'undici';
import type { Exchanges } from './exchange.js';

const CONNECT_TIMEOUT_MS = 2_000;
/** A service answers at least with headers within this time; streams send theirs at once. */
const HEADERS_TIMEOUT_MS = 60_000;

type RequestOptions = Parameters<Agent['request']>[0];
type Callback = (error: Error | null, response?: unknown) => void;

/**
 * The HTTP client of the proxy. Made here and not by the plugin, because it needs what the plugin has no
 * option for: no limit of connections (each event stream holds one), no limit of silence in a body, verified
 * certificates, and a request that ends with the client's.
 */
export class UpstreamClient {
  private readonly agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: 0,
    pipelining: 1,
  });

  constructor(private readonly exchanges: Exchanges) {}

  request(options: RequestOptions, callback: Callback): void {
    const signal = this.exchanges.current()?.signal;
    const { headersTimeout: _one, bodyTimeout: _two, ...request } = options;
    (this.agent.request as (options: object, callback: Callback) => void).call(
      this.agent,
      { ...request, signal },
      callback,
    );
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
