/** Everybody who works with Darb during a run. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import { Random } from '../random.js';
import { ADMIN_PASSWORD } from '../stage/stage.js';
import { Client } from './client.js';
import { History } from './history.js';
import { LogReader } from './log-reader.js';
import { Person, Shelf } from './person.js';

const CLIENTS_OF_A_PERSON = 2;
const PACE_MS = [100, 900] as const;

export class Crowd {
  readonly history: History;
  readonly reader: LogReader;
  readonly admin: Client;
  readonly requesters = new Set<string>();
  private readonly people: Person[] = [];
  private readonly reading = new AbortController();
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly seed: number,
    private readonly findings: Findings,
  ) {
    this.history = new History(findings);
    this.reader = new LogReader(url, this.history, findings);
    this.admin = this.client('admin', ADMIN_PASSWORD);
  }

  /** Makes the accounts. */
  async gather(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const username = `person${number}`;
      const password = `the-long-password-of-${username}`;
      const body = { username, email: `${username}@example.org`, password };
      const answer = await this.admin.ask({ method: 'POST', path: '/users', body, key: username });
      if (answer?.status !== 201)
        throw new Error(`No account for ${username}: ${JSON.stringify(answer?.body)}`);
      this.requesters.add(answer.body.id);
      const shelf = new Shelf();
      for (let index = 1; index <= CLIENTS_OF_A_PERSON; index++) {
        this.people.push(
          new Person({
            client: this.client(username, password),
            shelf,
            random: Random.of(this.seed, `${username} client ${index}`),
            history: this.history,
            reader: this.reader,
            readingSignal: this.reading.signal,
            paceMs: PACE_MS,
          }),
        );
      }
    }
  }

  begin(signal: AbortSignal): void {
    this.work = Promise.all(this.people.map((person) => person.work(signal)));
    // Waited for in `finished`; until then nobody listens.
    this.work.catch(() => undefined);
  }

  /** Everybody has got the answer to what they asked last. */
  async finished(): Promise<void> {
    await this.work;
  }

  /** Waits for the end of every log stream, but no longer than `timeoutMs`. */
  async readToTheEnd(timeoutMs: number): Promise<void> {
    const timer = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.reader.ended(), late]);
    timer.abort();
    this.reading.abort();
    await this.reader.ended();
  }

  private client(username: string, password: string): Client {
    return new Client(this.url, username, password, this.history, this.findings);
  }
}
