/** Stands between workers and jobs: a request is carried out, and its answer never arrives. */
import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export const INTERNAL_ROUTES = [
  'register',
  'heartbeat',
  'claim',
  'artifact',
  'tree',
  'logs',
  'finish',
  'published',
  'release',
] as const;
export type InternalRoute = (typeof INTERNAL_ROUTES)[number];

export function internalRoute(path: string): InternalRoute | null {
  const plain = path.split('?')[0]!;
  if (plain === '/internal/workers') return 'register';
  const last = /^\/internal\/(?:workers|jobs)\/.*?\/([a-z]+)$/.exec(plain)?.[1];
  return INTERNAL_ROUTES.find((route) => route === last) ?? null;
}

export class AnswerThief {
  /** Answers of each route that were lost so far. */
  readonly lost = new Map<InternalRoute, number>();
  private readonly wanted = new Map<InternalRoute, number>();
  private readonly server: Server;
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(private readonly target: number) {
    this.server = createServer((request, response) => {
      this.forward(request, response).catch(() => response.socket?.resetAndDestroy());
    });
    this.server.keepAliveTimeout = 60_000;
  }

  static async open(target: number): Promise<AnswerThief> {
    const thief = new AnswerThief(target);
    thief.server.listen(0, '127.0.0.1');
    await once(thief.server, 'listening');
    return thief;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next `times` answers of the route get lost. */
  lose(route: InternalRoute, times: number): void {
    this.wanted.set(route, times);
  }

  heal(): void {
    this.wanted.clear();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const upstream = httpRequest({
      host: '127.0.0.1',
      port: this.target,
      agent: this.agent,
      method: request.method,
      path: request.url,
      headers: request.headers,
    });
    upstream.end(body);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    const answerBody = await buffer(answer);
    if (this.steals(request.url ?? '')) {
      response.socket?.resetAndDestroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(answerBody);
  }

  private steals(path: string): boolean {
    const route = internalRoute(path);
    const left = (route && this.wanted.get(route)) ?? 0;
    if (!route || left <= 0) return false;
    this.wanted.set(route, left - 1);
    this.lost.set(route, (this.lost.get(route) ?? 0) + 1);
    return true;
  }
}
