import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readlink, realpath, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentChange } from '@darb/models';
import { v4 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Machine } from '../src/machine/machine.js';
import { chooseSandbox } from '../src/sandbox/probe.js';
import { Store } from '../src/store/store.js';
import { createOf, publishOf } from './fake-jobs.js';
import type { FakeJob, FakeJobs } from './fake-jobs.js';
import { ScriptedAdapter } from './scripted-adapter.js';
import { PATIENCE, WorkerTrial } from './worker-trial.js';

let trial: WorkerTrial;
let root: string;
let jobs: FakeJobs;
let adapter: ScriptedAdapter;

beforeEach(async () => {
  trial = await WorkerTrial.open();
  ({ root, jobs } = trial);
  adapter = new ScriptedAdapter();
});

afterEach(() => trial.close());

const PLANNED = createOf([]) as EnvironmentChange;
const lastBuilt = () => jobs.builtPath;
const startWorker = (settings: Record<string, string> = {}) =>
  trial.start(
    async () => Machine.open(await Store.open(root), await chooseSandbox('auto', root), [adapter], uuid()),
    settings,
  );
const deliver = (workerId: string, job: FakeJob) => trial.deliver(workerId, job);
const settled = (job: FakeJob, status: FakeJob['status']) => trial.settled(job, status);
const installing = (job: FakeJob) => trial.says(job, 'install started');
const environment = (job: FakeJob) => trial.environment(job);
const store = () => trial.store();
const scratch = () => trial.scratch();

describe('a job from claim to published', () => {
  it('solves, builds a read-only tree, reports it, publishes it and leaves no scratch', async () => {
    const job = jobs.add();
    await deliver(await startWorker(), job);
    await settled(job, 'completed');
    expect(job.finish).toMatchObject({
      outcome: 'succeeded',
      error: null,
      file_count: 2,
      tool_version: '0.0.1',
    });
    expect(await readlink(join(environment(job), 'current'))).toBe('revisions/1');
    const tree = await realpath(join(environment(job), 'current'));
    expect(tree).toBe(join(root, lastBuilt()!));
    expect((await stat(join(tree, 'tree.txt'))).mode & 0o222).toBe(0);
    await vi.waitFor(async () => expect(await scratch()).toEqual([]), PATIENCE);
    const seqs = job.log.map((line) => ('seq' in line ? line.seq : -1));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(jobs.text(job).join('\n')).toMatch(/\$ \/bin\/sh -c 'echo solved'\nsolved\nexit code 0 after/);
    expect(job.finish!.last_seq).toBeLessThan(job.log.length + 1);
  });

  it('takes an artifact that is there instead of building', async () => {
    const workerId = await startWorker();
    const first = jobs.add();
    await deliver(workerId, first);
    await settled(first, 'completed');
    const artifact = { state: 'reuse' as const, copy_id: uuid(), path: lastBuilt()! };
    jobs.ready.set(first.finish!.digest!, artifact);
    const second = jobs.add();
    await deliver(workerId, second);
    await settled(second, 'completed');
    expect(adapter.builds).toBe(1);
    expect(await realpath(join(environment(second), 'current'))).toBe(
      await realpath(join(environment(first), 'current')),
    );
  });

  it('builds a tree again in the same job when the one that is there is damaged', async () => {
    const workerId = await startWorker();
    const first = jobs.add();
    await deliver(workerId, first);
    await settled(first, 'completed');
    const artifact = { state: 'reuse' as const, copy_id: uuid(), path: lastBuilt()! };
    jobs.ready.set(first.finish!.digest!, artifact);
    adapter.treeFault = { code: 'tree_damaged', message: 'The lockfile was changed.' };
    const second = jobs.add();
    await deliver(workerId, second);
    await settled(second, 'completed');
    expect(jobs.damaged).toEqual([artifact.copy_id]);
    expect(adapter.builds).toBe(2);
    expect(await realpath(join(environment(second), 'current'))).toBe(join(root, lastBuilt()!));
    expect(lastBuilt()).not.toBe(artifact.path);
  });

  it('builds a committed tree that is gone again before it publishes it', async () => {
    const gone = 'pools/shared/store/uv-3333333333333333-000000000001';
    const publish = { ...publishOf(gone, 4)!, inputs: { lockfile: 'lock 1' } };
    jobs.commit = () => ({ revision: 4, artifact_path: lastBuilt() });
    const job = jobs.add({ phase: 'publish_only', publish });
    await deliver(await startWorker(), job);
    await settled(job, 'completed');
    expect(jobs.damaged).toEqual([publish.copy_id]);
    expect(job.finish).toMatchObject({ outcome: 'succeeded', digest: publish.digest });
    expect(await readlink(join(environment(job), 'current'))).toBe('revisions/4');
    expect(await realpath(join(environment(job), 'current'))).toBe(join(root, lastBuilt()!));
  });

  it('reports a publish that can never succeed instead of repeating it without end', async () => {
    const job = jobs.add({
      phase: 'publish_only',
      publish: publishOf('pools/shared/store/uv-4444444444444444-000000000001', 2),
    });
    await deliver(await startWorker(), job);
    await settled(job, 'failed');
    expect(job.finish!.error?.code).toBe('tree_missing');
  });

  it('adopts the tree of a builder that was first, and deletes its own', async () => {
    const workerId = await startWorker();
    const winner = `pools/shared/store/uv-0000000000000000-000000000001`;
    await mkdir(join(root, winner), { recursive: true });
    jobs.commit = () => ({ revision: 1, artifact_path: winner });
    const job = jobs.add();
    await deliver(workerId, job);
    await settled(job, 'completed');
    expect(await realpath(join(environment(job), 'current'))).toBe(join(root, winner));
    await vi.waitFor(
      async () => expect(await store()).toEqual(['uv-0000000000000000-000000000001']),
      PATIENCE,
    );
  });

  it('plans without installing anything', async () => {
    const job = jobs.add({ change: { type: 'plan', change: PLANNED } });
    await deliver(await startWorker(), job);
    await settled(job, 'completed');
    expect(job.finish).toMatchObject({ outcome: 'succeeded', lockfile: null, copy_id: null });
    expect(job.finish!.result).toMatchObject({ packages: [{ name: 'a', version: '1' }] });
    expect(adapter.builds).toBe(0);
  });

  it('removes the links of a deleted environment, never what they point at', async () => {
    const workerId = await startWorker();
    const made = jobs.add();
    await deliver(workerId, made);
    await settled(made, 'completed');
    const tree = await realpath(join(environment(made), 'current'));
    const job = jobs.add({ change: { type: 'delete' }, environment_id: made.order.environment_id });
    await deliver(workerId, job);
    await settled(job, 'completed');
    expect(existsSync(environment(made))).toBe(false);
    expect(existsSync(join(tree, 'tree.txt'))).toBe(true);
  });

  it('only publishes when the work is committed already', async () => {
    const path = 'pools/shared/store/uv-1111111111111111-000000000001';
    await mkdir(join(root, path), { recursive: true });
    const job = jobs.add({ phase: 'publish_only', publish: publishOf(path, 4) });
    await deliver(await startWorker(), job);
    await settled(job, 'completed');
    expect(job.finish).toBeNull();
    expect(await readlink(join(environment(job), 'current'))).toBe('revisions/4');
  });
});

describe('what goes wrong', () => {
  it('reports the failure of a tool, deletes the half-built tree, and leaves the old revision alone', async () => {
    const workerId = await startWorker();
    const made = jobs.add();
    await deliver(workerId, made);
    await settled(made, 'completed');
    const before = await realpath(join(environment(made), 'current'));
    adapter.lockfile = 'lock 2';
    adapter.installScript = 'echo "cannot do that" >&2; exit 1';
    const job = jobs.add({
      change: { type: 'install', packages: ['a'], pypi_packages: [] },
      environment_id: made.order.environment_id,
      base_revision: 1,
    });
    await deliver(workerId, job);
    await settled(job, 'failed');
    expect(job.finish!.error).toMatchObject({ code: 'tool_failed', extract: 'cannot do that\n' });
    expect(await realpath(join(environment(made), 'current'))).toBe(before);
    await vi.waitFor(async () => expect(await store()).toHaveLength(1), PATIENCE);
    expect(await scratch()).toEqual([]);
  });

  it('survives lost answers, refused connections and 503s without doing anything twice', async () => {
    const workerId = await startWorker();
    const seen = new Map<string, number>();
    jobs.fault = (path) => {
      const action = path.split('?')[0]!.split('/').at(-1)!;
      if (action === 'heartbeat') return null;
      const times = (seen.get(action) ?? 0) + 1;
      seen.set(action, times);
      if (times === 1) return 'drop';
      return times === 2 ? { status: 503, body: { code: 'dependency_unavailable' } } : null;
    };
    const job = jobs.add();
    await deliver(workerId, job);
    await settled(job, 'completed');
    expect(job.epoch).toBe(1);
    expect(adapter.builds).toBe(1);
    const seqs = job.log.map((line) => ('seq' in line ? line.seq : -1));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  it('drops a delivery that is not the current one', async () => {
    const workerId = await startWorker();
    const job = jobs.add();
    job.dispatchNo = 1;
    await deliver(workerId, job);
    await deliver(workerId, job);
    await settled(job, 'completed');
    expect(job.epoch).toBe(1);
  });

  it('reports nothing of an epoch that is over, kills its tools and deletes its tree', async () => {
    const workerId = await startWorker();
    const nap = `7${Math.floor(Math.random() * 1e6)}`;
    adapter.installScript = `echo 'install started'; sleep ${nap}`;
    const job = jobs.add();
    await deliver(workerId, job);
    await installing(job);
    job.epoch++;
    await vi.waitFor(async () => expect(await store()).toEqual([]), PATIENCE);
    expect(job.finish).toBeNull();
    expect(spawnSync('pgrep', ['-f', `sleep ${nap}`]).status).toBe(1);
  });

  it('puts `current` right when it published after its epoch was over', async () => {
    const [late, newer] = ['uv-1111111111111111-000000000001', 'uv-2222222222222222-000000000002'].map(
      (name) => `pools/shared/store/${name}`,
    ) as [string, string];
    for (const tree of [late, newer]) await mkdir(join(root, tree), { recursive: true });
    const workerId = await startWorker();
    const stale = { code: 'stale_epoch', detail: 'Over.' };
    jobs.fault = (path) => {
      if (path.includes('/logs')) return { status: 409, body: stale };
      if (!path.endsWith('/published')) return null;
      return { status: 409, body: { ...stale, highest: { revision: 5, artifact_path: newer } } };
    };
    const job = jobs.add({ phase: 'publish_only', publish: publishOf(late, 4) });
    await deliver(workerId, job);
    await vi.waitFor(
      async () => expect(await readlink(join(environment(job), 'current'))).toBe('revisions/5'),
      PATIENCE,
    );
    expect(await realpath(join(environment(job), 'current'))).toBe(join(root, newer));
  });

  it('joins anew, as another worker, when it was taken for lost', async () => {
    const workerId = await startWorker();
    adapter.installScript = `echo 'install started'; sleep 600`;
    const job = jobs.add();
    await deliver(workerId, job);
    await installing(job);
    job.epoch++;
    jobs.forgotten.add(workerId);
    await vi.waitFor(() => expect(jobs.workers).toHaveLength(2), PATIENCE);
    const next = jobs.workers[1]!;
    expect(next.id).not.toBe(workerId);
    expect(next.store).toEqual(jobs.workers[0]!.store);
    adapter.installScript = 'echo done > tree.txt';
    const again = jobs.add();
    await deliver(next.id, again);
    await settled(again, 'completed');
  });

  it('stops a job that takes too long, with a code of its own', async () => {
    adapter.solveScript = 'sleep 600';
    const job = jobs.add({
      limits: { timeout_seconds: 0.5, idle_timeout_seconds: 600, log_limit_bytes: 1_000 },
    });
    await deliver(await startWorker(), job);
    await settled(job, 'failed');
    expect(job.finish!.error?.code).toBe('timeout');
  });

  it('stops a job when the disk is nearly full', async () => {
    adapter.solveScript = 'sleep 600';
    const job = jobs.add();
    await deliver(await startWorker({ DARB_STORAGE_FREE_BYTES: String(2 ** 52) }), job);
    await settled(job, 'failed');
    expect(job.finish!.error).toMatchObject({ code: 'disk_full', family: 'operational' });
  });
});

describe('being told to stop', () => {
  it('cancels: the tool is gone, the tree too, and nothing is published', async () => {
    const workerId = await startWorker();
    adapter.installScript = `echo 'install started'; sleep 600`;
    const job = jobs.add();
    await deliver(workerId, job);
    await installing(job);
    job.isCancelAsked = true;
    await settled(job, 'cancelled');
    expect(job.finish).toMatchObject({ outcome: 'cancelled', error: { code: 'cancelled' } });
    await vi.waitFor(async () => expect(await store()).toEqual([]), PATIENCE);
    expect(existsSync(environment(job))).toBe(false);
  });

  it('SIGTERM: finishes what ends within the grace', async () => {
    const workerId = await startWorker({ DARB_WORKER_GRACE_SECONDS: '30' });
    adapter.installScript = `echo 'install started'; sleep 1; echo x > tree.txt`;
    const job = jobs.add();
    await deliver(workerId, job);
    await installing(job);
    await trial.stop();
    expect(job.status).toBe('completed');
    expect(jobs.drainings).toBeGreaterThan(0);
  });

  it('SIGTERM: gives back what does not, without spending an attempt, and takes nothing new', async () => {
    const workerId = await startWorker();
    adapter.installScript = `echo 'install started'; sleep 600`;
    const job = jobs.add();
    await deliver(workerId, job);
    await installing(job);
    await trial.stop();
    expect(job).toMatchObject({ status: 'pending', releases: 1, finish: null });
    expect(await store()).toEqual([]);
    const late = jobs.add();
    await deliver(workerId, late);
    expect(late.status).toBe('pending');
  });
});

describe('at start', () => {
  it('removes what dead workers of this store left, scratch and half-built trees, and nothing of others', async () => {
    const dead = uuid();
    const unknown = uuid();
    for (const id of [dead, unknown]) {
      await mkdir(join(root, 'pools', 'shared', 'scratch', id, `${uuid()}-1`), { recursive: true });
    }
    const workerId = await startWorker();
    await trial.stop();
    expect(existsSync(join(root, 'workers', `${workerId}.json`))).toBe(false);
    const gone = spawnSync('true').pid;
    const halfBuilt = 'pools/shared/store/uv-2222222222222222-000000000001';
    await mkdir(join(root, halfBuilt), { recursive: true });
    await mkdir(join(root, 'workers', `${dead}.builds`), { recursive: true });
    await writeFile(join(root, 'workers', `${dead}.builds`, `${uuid()}-1`), halfBuilt);
    await writeFile(join(root, 'workers', `${dead}.json`), JSON.stringify(await thisHost(gone)));
    await startWorker();
    await vi.waitFor(
      () => expect(existsSync(join(root, 'pools', 'shared', 'scratch', dead))).toBe(false),
      PATIENCE,
    );
    expect(existsSync(join(root, halfBuilt))).toBe(false);
    expect(existsSync(join(root, 'pools', 'shared', 'scratch', unknown))).toBe(true);
  });

  it('keeps trying to join, whatever the reason', async () => {
    let refusals = 0;
    jobs.fault = (path) => {
      if (path !== '/internal/workers' || ++refusals > 3) return null;
      return refusals === 1 ? 'drop' : { status: 401, body: { code: 'unauthenticated', detail: 'No.' } };
    };
    await startWorker();
    await vi.waitFor(() => expect(refusals).toBe(4), PATIENCE);
    const ready = () => trial.app!.inject({ url: '/health/ready' });
    // The answer to the fourth try is on its way.
    await vi.waitFor(async () => expect((await ready()).statusCode).toBe(200), PATIENCE);
    expect((await ready()).json()).toMatchObject({ status: 'ok', service: 'worker', running: 0 });
    expect((await trial.app!.inject({ url: '/metrics' })).body).toContain('darb_worker_slots 2');
  });
});

async function thisHost(pid: number): Promise<object> {
  return {
    pid,
    startedAt: '1',
    host: hostname(),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace: await readlink('/proc/self/ns/pid'),
    markPrefix: uuid(),
  };
}
