import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CATALOG } from './catalog.js';
import { buildDistribution, normalizeName } from './distributions.js';
import type { Distribution, PackageDescription } from './distributions.js';

export interface WheelIndexOptions {
  /** Loopback port; a free one when left out. */
  port?: number;
  /** Packages besides the catalog's; one of a catalog's name replaces it. */
  packages?: PackageDescription[];
  /** Answers 401 to whoever does not bring these. */
  credentials?: { username: string; password: string };
}

export interface WheelIndexRequest {
  path: string;
  status: number;
}

export interface WheelIndex {
  /** Address of the simple index (PEP 503 and 691), for `UV_INDEX_URL` and the like. */
  url: string;
  /** Every request that was answered, in order. */
  requests: WheelIndexRequest[];
  /**
   * Limits downloads of a package's archives to so many bytes each second; 0 sends the first bytes and then
   * holds the rest back. null lifts the limit, also for downloads under way.
   */
  throttle: (name: string, bytesPerSecond: number | null) => void;
  /** Downloads of a package's archives that are under way. */
  downloads: (name: string) => number;
  close: () => Promise<void>;
}

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
/** A throttled download sends this often. */
const TICK_MS = 50;
/** Long past, so that age limits of a resolver never hide anything. */
const UPLOAD_TIME = '2025-01-01T00:00:00.000000Z';

class Index {
  readonly requests: WheelIndexRequest[] = [];
  readonly limits = new Map<string, number>();
  readonly active = new Map<string, number>();
  private readonly built = new Map<string, Distribution[]>();
  private readonly authorization: string | null;

  constructor(private readonly options: WheelIndexOptions) {
    const { credentials } = options;
    this.authorization = credentials
      ? `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
      : null;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    response.once('close', () => this.requests.push({ path, status: response.statusCode }));
    if (this.authorization && request.headers.authorization !== this.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="wheels"' }).end();
      return;
    }
    const project = /^\/simple\/([^/]+)\/?$/.exec(path)?.[1];
    const file = /^\/files\/([^/]+)\/([^/]+)$/.exec(path);
    if (path === '/control') this.control(request, response);
    else if (path === '/simple/' || path === '/simple') this.sendProjects(request, response);
    else if (project) this.sendProject(request, response, normalizeName(project));
    else if (file?.[1] && file[2]) this.sendFile(request, response, file[1], file[2]);
    else response.writeHead(404).end();
  }

  /** What `WheelIndex` offers in this process, for tests in other processes (`controlWheelIndex`). */
  private control(request: IncomingMessage, response: ServerResponse): void {
    const wish = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const name = wish.get('name') ?? '';
    if (request.method === 'POST') {
      const limit = wish.get('bytes_per_second');
      if (limit === null) this.limits.delete(name);
      else this.limits.set(name, Number(limit));
    }
    sendJson(response, { downloads: this.active.get(name) ?? 0, requests: this.requests });
  }

  private names(): string[] {
    const extra = (this.options.packages ?? []).map((description) => normalizeName(description.name));
    return [...new Set([...Object.keys(CATALOG), ...extra])].sort();
  }

  private distributions(name: string): Distribution[] {
    const known = this.built.get(name);
    if (known) return known;
    const own = (this.options.packages ?? []).filter(
      (description) => normalizeName(description.name) === name,
    );
    const descriptions = own.length > 0 ? own : (Object.hasOwn(CATALOG, name) && CATALOG[name]?.()) || [];
    const built = descriptions.map(buildDistribution);
    this.built.set(name, built);
    return built;
  }

  private sendProjects(request: IncomingMessage, response: ServerResponse): void {
    const names = this.names();
    if (request.headers.accept?.includes(JSON_TYPE)) {
      sendJson(response, { meta: { 'api-version': '1.1' }, projects: names.map((name) => ({ name })) });
    } else {
      sendHtml(
        response,
        names.map((name) => `<a href="/simple/${name}/">${name}</a>`),
      );
    }
  }

  private sendProject(request: IncomingMessage, response: ServerResponse, name: string): void {
    const distributions = this.distributions(name);
    if (distributions.length === 0) {
      response.writeHead(404).end();
      return;
    }
    if (request.headers.accept?.includes(JSON_TYPE)) {
      sendJson(response, projectAsJson(name, distributions));
    } else {
      sendHtml(response, distributions.map(fileAsHtml(name)));
    }
  }

  private sendFile(request: IncomingMessage, response: ServerResponse, name: string, filename: string): void {
    const isMetadata = filename.endsWith('.metadata');
    const archive = isMetadata ? filename.slice(0, -'.metadata'.length) : filename;
    const found = this.distributions(name).find((distribution) => distribution.filename === archive);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    const data = isMetadata ? found.metadata : found.data;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': data.length });
    if (request.method === 'HEAD') response.end();
    else if (isMetadata) response.end(data);
    else this.download(response, name, data);
  }

  /** Looks at the limit before each piece, so that lifting it lets a stalled download run on. */
  private download(response: ServerResponse, name: string, data: Buffer): void {
    this.active.set(name, (this.active.get(name) ?? 0) + 1);
    let sent = 0;
    let timer: NodeJS.Timeout | undefined;
    response.once('close', () => {
      clearTimeout(timer);
      this.active.set(name, (this.active.get(name) ?? 1) - 1);
    });
    const sendMore = () => {
      const limit = this.limits.get(name);
      if (limit === undefined) {
        response.end(data.subarray(sent));
        return;
      }
      const allowance = sent === 0 ? 16_384 : Math.ceil((limit * TICK_MS) / 1000);
      if (allowance > 0) response.write(data.subarray(sent, sent + allowance));
      sent += allowance;
      if (sent >= data.length) response.end();
      else timer = setTimeout(sendMore, TICK_MS);
    };
    sendMore();
  }
}

function projectAsJson(name: string, distributions: Distribution[]): unknown {
  return {
    meta: { 'api-version': '1.1' },
    name,
    versions: distributions.map((distribution) => distribution.description.version),
    files: distributions.map((distribution) => ({
      filename: distribution.filename,
      url: `/files/${name}/${distribution.filename}`,
      hashes: { sha256: distribution.sha256 },
      size: distribution.data.length,
      'upload-time': UPLOAD_TIME,
      'core-metadata': distribution.description.kind !== 'sdist',
      yanked: distribution.description.yanked ?? false,
      ...(distribution.description.requiresPython
        ? { 'requires-python': distribution.description.requiresPython }
        : {}),
    })),
  };
}

function fileAsHtml(name: string): (distribution: Distribution) => string {
  return ({ filename, sha256, description }) => {
    const python = description.requiresPython?.replaceAll('>', '&gt;').replaceAll('<', '&lt;');
    const attributes = [
      `href="/files/${name}/${filename}#sha256=${sha256}"`,
      ...(python ? [`data-requires-python="${python}"`] : []),
      ...(description.kind === 'sdist' ? [] : ['data-core-metadata="true"']),
      ...(description.yanked ? ['data-yanked=""'] : []),
    ];
    return `<a ${attributes.join(' ')}>${filename}</a>`;
  };
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': JSON_TYPE }).end(JSON.stringify(body));
}

function sendHtml(response: ServerResponse, links: string[]): void {
  const body = `<!DOCTYPE html><html><body>${links.join('<br>\n')}</body></html>`;
  response.writeHead(200, { 'content-type': 'text/html' }).end(body);
}

/** `throttle`, `downloads` and `requests` of an index that runs in another process. */
export function controlWheelIndex(url: string) {
  const ask = async (method: string, parameters: Record<string, string>) => {
    const address = new URL(`/control?${new URLSearchParams(parameters)}`, url);
    const response = await fetch(address, { method });
    return (await response.json()) as { downloads: number; requests: WheelIndexRequest[] };
  };
  return {
    throttle: async (name: string, bytesPerSecond: number | null) => {
      await ask('POST', {
        name,
        ...(bytesPerSecond === null ? {} : { bytes_per_second: `${bytesPerSecond}` }),
      });
    },
    downloads: async (name: string) => (await ask('GET', { name })).downloads,
    requests: async () => (await ask('GET', {})).requests,
  };
}

/** A package index on a loopback port with the packages of `CATALOG`. */
export async function startWheelIndex(options: WheelIndexOptions = {}): Promise<WheelIndex> {
  const index = new Index(options);
  const server = createServer((request, response) => index.answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/simple/`,
    requests: index.requests,
    throttle: (name, bytesPerSecond) => {
      if (bytesPerSecond === null) index.limits.delete(name);
      else index.limits.set(name, bytesPerSecond);
    },
    downloads: (name) => index.active.get(name) ?? 0,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
