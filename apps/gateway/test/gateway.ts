import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import { parseConfig } from '@darb/service-kit/edge';
import { createGateway, GatewayConfig } from '../src/index.js';

export interface Upstream {
  url: string;
  port: number;
  server: Server;
  /** Requests that arrived, oldest first. */
  seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  close(): Promise<void>;
}

/** A real HTTP server on a free loopback port. The default answer tells what arrived. */
export async function startUpstream(handle?: RequestListener, port = 0): Promise<Upstream> {
  const seen: Upstream['seen'] = [];
  const server = createServer((request, response) => {
    const entry = { method: request.method!, url: request.url!, headers: request.headers, body: '' };
    seen.push(entry);
    if (handle) return handle(request, response);
    request.on('data', (chunk: Buffer) => (entry.body += chunk.toString()));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(entry));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: taken } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    server,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface TestGateway {
  url: string;
  port: number;
  close(): Promise<void>;
}

export async function startGateway(environment: Record<string, string>): Promise<TestGateway> {
  const config = parseConfig(GatewayConfig, {
    DARB_SERVER_HOST: '127.0.0.1',
    DARB_SERVER_PORT: '0',
    DARB_LOG_LEVEL: 'silent',
    ...environment,
  });
  const gateway = await createGateway(config);
  const { port } = await gateway.listen();
  return { url: `http://127.0.0.1:${port}`, port, close: () => gateway.close() };
}

/** One HTTP/1.1 request exactly as written: `fetch` would tidy the path first. Answers the status and the whole text. */
export function rawRequest(
  port: number,
  target: string,
  method = 'GET',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }));
  });
}

export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
