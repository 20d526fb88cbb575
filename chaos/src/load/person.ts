/** One person at work: makes, changes, reads and deletes environments, and cancels what takes too long. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import { BAD_PACKAGES, PLAIN_PACKAGES, SLOW_PACKAGES } from '../stage/packages.js';
import type { Answer, Ask, Client } from './client.js';
import { TERMINAL } from './history.js';
import type { History, JobView } from './history.js';
import type { LogReader } from './log-reader.js';

const MOST_ENVIRONMENTS = 4;
const MOST_OPEN_JOBS = 5;
const MOST_READERS = 12;

/** What the clients of one person know of. */
export class Shelf {
  readonly environments = new Map<string, { name: string; packages: Set<string> }>();
  readonly openJobs = new Set<string>();
  readonly failedJobs = new Set<string>();
  made = 0;
}

export interface PersonParts {
  client: Client;
  shelf: Shelf;
  random: Random;
  history: History;
  reader: LogReader;
  /** Ends streams. */
  readingSignal: AbortSignal;
  paceMs: readonly [from: number, to: number];
}

export class Person {
  constructor(private readonly parts: PersonParts) {}

  async work(signal: AbortSignal): Promise<void> {
    const { random, paceMs, client } = this.parts;
    while (!signal.aborted) {
      if (random.chance(0.02)) await client.refresh();
      await this.pickAction()();
      await delay(random.integer(...paceMs), undefined, { signal }).catch(() => undefined);
    }
  }

  private pickAction(): () => Promise<void> {
    const { shelf, random } = this.parts;
    const looks = [
      [4, () => this.lookAtJobs()],
      [2, () => this.list('/environments')],
      [1, () => this.list('/jobs')],
      [1, () => this.lookAtEnvironment()],
    ] as const;
    if (shelf.openJobs.size >= MOST_OPEN_JOBS) {
      return random.weighted([...looks, [0.7, () => this.cancel()]] as [number, () => Promise<void>][]);
    }
    if (shelf.environments.size === 0) return () => this.create();
    return random.weighted([
      ...looks,
      [shelf.environments.size < MOST_ENVIRONMENTS ? 3 : 0, () => this.create()],
      [6, () => this.install()],
      [2, () => this.remove()],
      [1, () => this.update()],
      [1, () => this.delete()],
      [1, () => this.retry()],
      [0.7, () => this.cancel()],
    ] as [number, () => Promise<void>][]);
  }

  private somePackages(): string[] {
    const { random } = this.parts;
    const count = random.integer(1, 3);
    return Array.from({ length: count }, () =>
      random.weighted([
        [8, () => random.pick(PLAIN_PACKAGES)],
        [1, () => `${random.pick(PLAIN_PACKAGES)}<2`],
        [3, () => random.pick(SLOW_PACKAGES)],
        [0.5, () => random.pick(BAD_PACKAGES)],
      ] as const)(),
    );
  }

  private async create(): Promise<void> {
    const { random, shelf, client } = this.parts;
    const name = `${client.username}-${++shelf.made}-${random.integer(0, 1e6)}`;
    const packages = random.chance(0.7) ? this.somePackages() : undefined;
    const body = { name, package_manager: 'uv', ...(packages ? { packages } : {}) };
    const answer = await this.change('create', { method: 'POST', path: '/environments', body });
    if (answer?.status !== 201) return;
    shelf.environments.set(answer.body.id, { name, packages: new Set(packages) });
  }

  private async install(): Promise<void> {
    const id = this.anyEnvironment();
    const packages = this.somePackages();
    const path = `/environments/${id}/packages`;
    const answer = await this.change('install', { method: 'POST', path, body: { packages } });
    if (answer?.status !== 202) return this.forgetIfGone(id, answer);
    for (const name of packages) this.parts.shelf.environments.get(id)?.packages.add(name.split('<')[0]!);
  }

  private async remove(): Promise<void> {
    const id = this.anyEnvironment();
    const known = [...(this.parts.shelf.environments.get(id)?.packages ?? [])];
    if (known.length === 0) return;
    const name = this.parts.random.pick(known);
    const answer = await this.change('remove', {
      method: 'DELETE',
      path: `/environments/${id}/packages/${name}`,
    });
    this.forgetIfGone(id, answer);
    if (answer && answer.status < 500) this.parts.shelf.environments.get(id)?.packages.delete(name);
  }

  private async update(): Promise<void> {
    const id = this.anyEnvironment();
    const answer = await this.change('update', {
      method: 'POST',
      path: `/environments/${id}/update`,
      body: {},
    });
    this.forgetIfGone(id, answer);
  }

  private async delete(): Promise<void> {
    const id = this.anyEnvironment();
    const answer = await this.change('delete', { method: 'DELETE', path: `/environments/${id}` });
    if (answer?.status === 202) this.parts.shelf.environments.delete(id);
    else this.forgetIfGone(id, answer);
  }

  private async cancel(): Promise<void> {
    const { shelf, random, client } = this.parts;
    if (shelf.openJobs.size === 0) return;
    const id = random.pick([...shelf.openJobs]);
    const key = randomUUID();
    await client.ask({ method: 'POST', path: `/jobs/${id}/cancel`, body: {}, key });
  }

  /** Asks again for a change that did not work, sometimes with other packages. */
  private async retry(): Promise<void> {
    const { shelf, random } = this.parts;
    if (shelf.failedJobs.size === 0) return;
    const id = random.pick([...shelf.failedJobs]);
    shelf.failedJobs.delete(id);
    const body = random.chance(0.3) ? { packages: [random.pick(PLAIN_PACKAGES)] } : {};
    await this.change('retry', { method: 'POST', path: `/jobs/${id}/retry`, body });
  }

  /** A request that makes a job. With a key it is repeated until it is answered; a DELETE is asked once. */
  private async change(action: string, ask: Ask): Promise<Answer | null> {
    const { random, client, history } = this.parts;
    const impatientMs = random.chance(0.1) ? random.integer(1, 60) : undefined;
    const isKeyed = ask.method === 'POST';
    const answer = isKeyed
      ? await client.ask({ ...ask, impatientMs, key: randomUUID() })
      : await client.once({ ...ask, impatientMs });
    if (!answer || answer.status >= 500) history.unknownOutcomes += 1;
    else if (answer.status < 300) this.accepted(action, answer);
    return answer;
  }

  private accepted(action: string, answer: Answer): void {
    const { shelf, random, client, history, reader, readingSignal } = this.parts;
    const job: JobView = action === 'create' ? answer.body.job : answer.body;
    const environmentId = action === 'create' ? answer.body.id : job.environment_id;
    history.accepted.push({ jobId: job.id, environmentId, action, at: answer.askedAt });
    shelf.openJobs.add(job.id);
    if (random.chance(0.5) && reader.activeCount < MOST_READERS) {
      reader.follow(client, job.id, random, readingSignal);
    }
  }

  private async lookAtJobs(): Promise<void> {
    const { shelf, random, client, history } = this.parts;
    for (const id of [...shelf.openJobs].filter(() => random.chance(0.6))) {
      const answer = await client.once({ method: 'GET', path: `/jobs/${id}` });
      if (answer?.status !== 200) continue;
      history.sawJob(answer.body, answer.askedAt);
      if (TERMINAL.includes(answer.body.status)) shelf.openJobs.delete(id);
      if (answer.body.status === 'failed') shelf.failedJobs.add(id);
    }
  }

  private async list(path: '/environments' | '/jobs'): Promise<void> {
    const { client, history } = this.parts;
    const answer = await client.once({ method: 'GET', path: `${path}?limit=50` });
    if (answer?.status !== 200) return;
    for (const item of answer.body.items) {
      if (path === '/jobs') history.sawJob(item, answer.askedAt);
      else history.sawEnvironment(item, answer.askedAt);
    }
  }

  private async lookAtEnvironment(): Promise<void> {
    const { client, history } = this.parts;
    const id = this.anyEnvironment();
    const answer = await client.once({ method: 'GET', path: `/environments/${id}` });
    if (answer?.status === 200) history.sawEnvironment(answer.body, answer.askedAt);
    this.forgetIfGone(id, answer);
    await client.once({ method: 'GET', path: `/environments/${id}/packages` });
  }

  private anyEnvironment(): string {
    const ids = [...this.parts.shelf.environments.keys()];
    // Another client of this person may have deleted the last one at this moment.
    return ids.length > 0 ? this.parts.random.pick(ids) : randomUUID();
  }

  private forgetIfGone(id: string, answer: Answer | null): void {
    const code = answer?.body?.code;
    const isGone = answer?.status === 404 && code !== 'package_not_in_environment';
    if (isGone || code === 'environment_deleting') this.parts.shelf.environments.delete(id);
  }
}
