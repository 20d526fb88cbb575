/** GOALS 1: a change whose lock is new, request → ready, against bare `uv lock` + `uv sync` of the same manifest. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { uvPath } from '@darb/testing';
import { now } from '../lib/darb.mjs';
import { percentile, summarize } from '../lib/stats.mjs';

const run = promisify(execFile);
const SAMPLES = 8;

/** Request → `ready` at the next revision, seen by a client that listens to events. */
async function change(darb, environment, spec) {
  const stop = new AbortController();
  const events = darb.events('/events', stop.signal);
  // The stream must be open before the request, else its opening would be measured.
  const first = events.next();
  await new Promise((resolve) => setTimeout(resolve, 150));
  const start = now();
  const job = await darb.call('POST', `/environments/${environment.id}/packages`, { packages: [spec] });
  for (let next = await first; !next.done; next = await events.next()) {
    const { event, data, at } = next.value;
    const isReady = event === 'environment' && data.id === environment.id && data.status === 'ready';
    if (isReady && data.revision === environment.revision + 1) {
      stop.abort();
      return { total: at - start, ...(await phasesOf(darb, job.id)) };
    }
    if (event === 'job' && data.status === 'failed') throw new Error(JSON.stringify(data.error));
  }
  throw new Error('The event stream ended.');
}

/** How long each phase took, as the job's log says. */
async function phasesOf(darb, jobId) {
  const phases = {};
  for await (const { event, data } of darb.events(`/jobs/${jobId}/logs/stream`)) {
    const match = event === 'line' ? /^(\w+) took ([\d.]+) (ms|s)$/.exec(data.text) : null;
    if (match) phases[match[1]] = Number(match[2]) * (match[3] === 's' ? 1000 : 1);
  }
  return phases;
}

/** As the worker isolates its tools, where it does. */
const SANDBOX =
  '--unshare-user --unshare-pid --unshare-ipc --unshare-uts --cap-drop ALL --new-session --die-with-parent'.split(
    ' ',
  );
SANDBOX.push('--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev');

/** What a person would type for the same manifest: same uv, cache, interpreter, file system, sandbox. */
async function bare(darb, setting, specs) {
  const { cache, python, isSandboxed } = setting;
  const folder = mkdtempSync(join(darb.pool, 'scratch/bare-'));
  const uv = (args, options) =>
    isSandboxed
      ? run(
          'bwrap',
          [...SANDBOX, '--bind', darb.pool, darb.pool, '--chdir', folder, '--', uvPath(), ...args],
          options,
        )
      : run(uvPath(), args, options);
  const lines = ['[project]', 'name = "environment"', 'version = "0"', `requires-python = ">=3.8"`];
  writeFileSync(
    join(folder, 'pyproject.toml'),
    `${lines.join('\n')}\ndependencies = ${JSON.stringify(specs)}\n`,
  );
  const options = {
    cwd: folder,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      UV_CACHE_DIR: cache,
      UV_DEFAULT_INDEX: darb.index.url,
      UV_PYTHON_DOWNLOADS: 'never',
      UV_NO_BUILD: '1',
    },
  };
  const start = now();
  await uv(['--no-progress', 'lock', '-p', python], options);
  await uv(['--no-progress', 'sync', '--frozen', '--no-install-project', '-p', python], options);
  const took = now() - start;
  rmSync(folder, { recursive: true, force: true });
  return took;
}

export const name = 'change';
export const goal = '≤ 100 ms more (p50), ≤ 250 ms (p99)';

export async function measure(darb, rounds, note) {
  // Warms the cache: every wheel that is used below.
  await darb.environment('warm', ['chain-49', 'alpha', 'licensed']);
  mkdirSync(join(darb.pool, 'scratch'), { recursive: true });
  const [worker] = (await darb.call('GET', '/workers')).items;
  const setting = { cache: join(darb.pool, 'cache/uv'), isSandboxed: worker.sandbox.mode === 'bwrap' };
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    const [own, other] = [[], []];
    for (let sample = 0; sample < SAMPLES; sample++) {
      const at = round * SAMPLES + sample;
      const spec = `chain-${String(at % 50).padStart(2, '0')}`;
      // A base of its own makes a lock that was never seen.
      const base = at < 50 ? ['alpha'] : ['licensed'];
      const environment = await darb.environment(`change-${at}`, base);
      setting.python ??= realpathSync(join(environment.path, '.venv/bin/python'));
      own.push(await change(darb, environment, spec));
      other.push(await bare(darb, setting, [...base, spec]));
    }
    ours.push(own);
    theirs.push(other);
    note(`round ${round + 1}`);
  }
  const more = ours.map((own, round) => own.map(({ total }, at) => total - theirs[round][at]));
  const of = (part) => ours.map((own) => own.map((parts) => parts[part] ?? 0));
  const result = {
    darb_ms: summarize(of('total')),
    reference_ms: summarize(theirs),
    more_ms: summarize(more),
    phases_ms: Object.fromEntries(
      ['solve', 'install', 'verify'].map((phase) => [phase, summarize(of(phase))]),
    ),
  };
  return {
    is_sandboxed: setting.isSandboxed,
    ...result,
    ratio: result.darb_ms.p50 / result.reference_ms.p50,
    is_met: percentile(more.flat(), 50) <= 100 && percentile(more.flat(), 99) <= 250,
  };
}
