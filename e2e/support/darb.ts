/** Darb's HTTP API as any client would use it: no code of Darb's. */
import { createParser } from 'eventsource-parser';
import { controlWheelIndex, waitFor } from '@darb/testing';

const JOB_TIMEOUT_MS = 90_000;

function fromSetup(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: end-to-end tests run in the project \`e2e\`.`);
  return value;
}

export const URL_OF_DARB = fromSetup('E2E_URL');
export const DATA = fromSetup('E2E_DATA');
export const PASSWORD = fromSetup('E2E_PASSWORD');
export const STANDALONE_PID = Number(fromSetup('E2E_PID'));
export const INDEX_URL = fromSetup('E2E_INDEX');
export const index = controlWheelIndex(INDEX_URL);

// eslint-disable-next-line typescript/no-explicit-any -- answers are checked by expectations, not by types
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface StreamEvent {
  id: string | undefined;
  event: string | undefined;
  data: Json;
}

const TERMINAL = ['completed', 'failed', 'cancelled'];

/** Somebody who is signed in; with a null token nobody is. */
export class Person {
  constructor(readonly token: string | null) {}

  static async signIn(username = 'admin', password = PASSWORD): Promise<Person> {
    const answer = await new Person(null).post('/auth/login', { username, password });
    if (answer.status !== 200) throw new Error(`Sign-in failed: ${JSON.stringify(answer.body)}`);
    return new Person(answer.body.token);
  }

  /** A new user, made by this person, signed in. */
  async colleague(username: string): Promise<Person> {
    const password = `${username}-has-a-long-password`;
    const answer = await this.post('/users', { username, email: `${username}@example.org`, password });
    if (answer.status !== 201) throw new Error(`No user: ${JSON.stringify(answer.body)}`);
    return Person.signIn(username, password);
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${URL_OF_DARB}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  get = (path: string, headers?: Record<string, string>) => this.request('GET', path, undefined, headers);
  post = (path: string, body?: unknown, headers?: Record<string, string>) =>
    this.request('POST', path, body, headers);
  delete = (path: string) => this.request('DELETE', path);

  /** Waits until the job is terminal. */
  async finished(jobId: string): Promise<Json> {
    return waitFor(
      async () => {
        const { body } = await this.get(`/jobs/${jobId}`);
        return TERMINAL.includes(body.status) ? body : null;
      },
      { timeoutMs: JOB_TIMEOUT_MS, intervalMs: 100, what: `job ${jobId} to end` },
    );
  }

  /** Creates a uv environment and waits until it is ready. */
  async environment(name: string, options: Record<string, unknown> = {}): Promise<Json> {
    const { status, body } = await this.post('/environments', { name, package_manager: 'uv', ...options });
    if (status !== 201) throw new Error(`Not created: ${JSON.stringify(body)}`);
    const job = await this.finished(body.job.id);
    if (job.status !== 'completed') throw new Error(`Not created: ${JSON.stringify(job)}`);
    return (await this.get(`/environments/${body.id}`)).body;
  }

  /** Asks for packages and waits for the end of the job, whatever it is. */
  async add(environmentId: string, ...packages: string[]): Promise<Json> {
    const { status, body } = await this.post(`/environments/${environmentId}/packages`, { packages });
    if (status !== 202) throw new Error(`Not accepted: ${JSON.stringify(body)}`);
    return this.finished(body.id);
  }

  /** Events of an SSE stream, until it ends, `until` says so, or `signal` aborts. */
  async *stream(
    path: string,
    options: { lastEventId?: string; signal?: AbortSignal } = {},
  ): AsyncGenerator<StreamEvent> {
    const response = await fetch(`${URL_OF_DARB}/api/v1${path}`, {
      headers: {
        authorization: `Bearer ${this.token}`,
        accept: 'text/event-stream',
        ...(options.lastEventId ? { 'last-event-id': options.lastEventId } : {}),
      },
      signal: options.signal ?? AbortSignal.timeout(JOB_TIMEOUT_MS),
    });
    if (!response.ok || !response.body)
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    const arrived: StreamEvent[] = [];
    const parser = createParser({
      onEvent: ({ id, event, data }) => arrived.push({ id, event, data: JSON.parse(data) }),
    });
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      parser.feed(chunk);
      yield* arrived.splice(0);
    }
  }

  /** The whole log of a job by its stream. */
  async log(jobId: string, lastEventId?: string): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    for await (const event of this.stream(`/jobs/${jobId}/logs/stream`, lastEventId ? { lastEventId } : {})) {
      events.push(event);
    }
    return events;
  }
}

/** A name that no other test uses. */
export function uniqueName(purpose: string): string {
  return `${purpose}-${Math.random().toString(36).slice(2, 8)}`;
}
