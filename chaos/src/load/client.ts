/** One signed-in client of Darb, as a careful script is: it repeats what got no answer, and notes all answers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import type { History } from './history.js';

export interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line typescript/no-explicit-any -- answers are checked by what is done with them
  body: any;
  /** When the request that brought it was sent. */
  askedAt: number;
}

export interface Ask {
  method: string;
  path: string;
  body?: unknown;
  /** Idempotency-Key: the request may be repeated until it is answered. */
  key?: string;
  /** Goes away after this time without waiting for the answer, once. */
  impatientMs?: number;
}

const REQUEST_TIMEOUT_MS = 25_000;
/** A request that is repeated for longer than this will not be answered any more. */
const GIVE_UP_MS = 150_000;
const TRY_AGAIN = new Set([408, 425, 429, 502, 503, 504]);
/** Darb repeats the answer of a refresh for this long; after it a second use ends the session. */
const REFRESH_REPEAT_MS = 30_000;

export class Client {
  private token: string | null = null;
  private refreshToken: string | null = null;
  private expiresAt = 0;
  private signingIn: Promise<void> | null = null;

  constructor(
    private readonly url: string,
    readonly username: string,
    private readonly password: string,
    private readonly history: History,
    private readonly findings: Findings,
  ) {}

  /** The newest token, for streams. */
  async currentToken(): Promise<string> {
    if (!this.token || Date.now() > this.expiresAt) await this.signIn();
    return this.token!;
  }

  /** Takes the next token before this one is over, as a client that runs for hours does. */
  async refresh(): Promise<void> {
    const refreshToken = this.refreshToken;
    if (!refreshToken) return this.signIn();
    const startedAt = Date.now();
    for (;;) {
      const body = { refresh_token: refreshToken };
      const answer = await this.send({ method: 'POST', path: '/auth/refresh', body }, false);
      if (answer?.status === 200) return this.keep(answer);
      const isLate = Date.now() - startedAt > REFRESH_REPEAT_MS;
      if (answer && !TRY_AGAIN.has(answer.status)) {
        const text = `A session of ${this.username} ended although its refresh was repeated in time: ${answer.status}`;
        this.findings.expect('answers', isLate, text, answer.body);
        return this.signIn();
      }
      if (isLate) return this.signIn();
      await delay(500);
    }
  }

  /** One attempt. Null: no answer came. */
  async once(ask: Ask): Promise<Answer | null> {
    await this.currentToken();
    const answer = await this.send(ask, true);
    if (answer?.status === 401) {
      const text = `${ask.method} ${ask.path} of ${this.username} answered 401 with a living session.`;
      this.findings.violate('answers', text, answer.body);
      await this.signIn();
    }
    return answer;
  }

  /** Repeats until there is an answer that says yes or no. Null: there was none for very long. */
  async ask(ask: Ask): Promise<Answer | null> {
    const giveUpAt = Date.now() + GIVE_UP_MS;
    for (let attempt = 0; Date.now() < giveUpAt; attempt++) {
      const answer = await this.once(attempt === 0 ? ask : { ...ask, impatientMs: undefined });
      const isInProgress = answer?.body?.code === 'idempotency_in_progress';
      if (answer && answer.status !== 401 && !TRY_AGAIN.has(answer.status) && !isInProgress) {
        if (answer.status < 500) return answer;
      }
      const seconds = Math.min(Number(answer?.headers.get('retry-after') ?? 0.3), 3);
      await delay(seconds * 1000);
    }
    return null;
  }

  private signIn(): Promise<void> {
    this.signingIn ??= this.signInOnce().finally(() => (this.signingIn = null));
    return this.signingIn;
  }

  private async signInOnce(): Promise<void> {
    const giveUpAt = Date.now() + GIVE_UP_MS;
    while (Date.now() < giveUpAt) {
      const body = { username: this.username, password: this.password };
      const answer = await this.send({ method: 'POST', path: '/auth/login', body }, false);
      if (answer?.status === 200) return this.keep(answer);
      if (answer && !TRY_AGAIN.has(answer.status)) {
        const text = `The sign-in of ${this.username} with the right password was refused: ${answer.status}.`;
        this.findings.violate('answers', text, answer.body);
      }
      await delay(500);
    }
    throw new Error(`${this.username} could not sign in for ${GIVE_UP_MS / 1000} s.`);
  }

  private keep({ body }: Answer): void {
    this.token = body.token;
    this.refreshToken = body.refresh_token;
    // A margin, so that a token never ends on its way.
    this.expiresAt = Date.now() + (body.expires_in - 30) * 1000;
  }

  private async send(
    { method, path, body, key, impatientMs }: Ask,
    withToken: boolean,
  ): Promise<Answer | null> {
    const askedAt = Date.now();
    try {
      const response = await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers: {
          ...(withToken ? { authorization: `Bearer ${this.token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key ? { 'idempotency-key': key } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(impatientMs ?? REQUEST_TIMEOUT_MS),
      });
      const text = await response.text();
      const isJson = /\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
      const answer = {
        status: response.status,
        headers: response.headers,
        body: isJson ? JSON.parse(text) : text,
        askedAt,
      };
      this.audit(method, path, answer);
      return answer;
    } catch (error) {
      const name =
        (error as Error).name === 'TimeoutError' ? (impatientMs ? 'went away' : 'timeout') : 'no answer';
      this.history.count(name);
      return null;
    }
  }

  private audit(method: string, path: string, { status, headers, body }: Answer): void {
    this.history.count(status >= 400 ? `${status} ${body?.code ?? ''}`.trim() : String(status));
    const what = `${method} ${path}`;
    const route = what.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}').split('?')[0];
    this.findings.expect('answers', status !== 500, `${route} answered 500.`, { what, body });
    if (status === 503 || status === 429) {
      const text = `${route} answered ${status} ${body?.code ?? ''} without Retry-After.`;
      this.findings.expect('answers', headers.has('retry-after'), text, body);
    }
    if (status === 400) this.findings.violate('answers', `${route} answered 400 to a good request.`, body);
  }
}
