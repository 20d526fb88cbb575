import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '@darb/models';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChunkSender } from '../src/logs/chunk-sender.js';
import { JobLog } from '../src/logs/job-log.js';
import { Redactor } from '../src/logs/redactor.js';
import { TailWriter } from '../src/logs/tail-writer.js';
import { RunControl } from '../src/runs/run-control.js';
import { chooseSandbox } from '../src/sandbox/probe.js';
import type { Sandbox } from '../src/sandbox/sandbox.js';
import { createToolRunner } from '../src/tools/tool-runner.js';

const GRACE_MS = 300;
let root: string;
const sandboxes: Partial<Record<'bwrap' | 'off', Sandbox>> = {};

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'darb-runner-')));
  const auto = await chooseSandbox('auto', root);
  sandboxes[auto.report.mode] = auto;
  sandboxes.off ??= await chooseSandbox('off', root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

interface Trial {
  lines: LogLine[];
  control: RunControl;
  pool: string;
  run(script: string, env?: Record<string, string>): ReturnType<ReturnType<typeof createToolRunner>>;
}

async function trial(mode: 'bwrap' | 'off'): Promise<Trial> {
  const pool = await mkdtemp(join(root, 'pool-'));
  const lines: LogLine[] = [];
  const control = new RunControl();
  const tail = new TailWriter(
    {
      append: async (_job, _epoch, added) => lines.push(...added) > 0,
      trim: async () => undefined,
      drop: async () => undefined,
    },
    'job',
    1,
  );
  const chunks = new ChunkSender(
    1,
    1_000_000,
    async () => undefined,
    () => undefined,
  );
  const log = new JobLog(1, new Redactor(), tail, chunks);
  const run = createToolRunner({
    sandbox: sandboxes[mode]!,
    pool,
    log,
    control,
    markPrefix: 'test',
    graceMs: GRACE_MS,
  });
  return {
    lines,
    control,
    pool,
    run: (script, env = {}) =>
      run({
        file: '/bin/sh',
        args: ['-c', script],
        cwd: pool,
        env: { PATH: '/usr/bin:/bin', ...env },
        phase: 'install',
        readable: [],
      }),
  };
}

/** Processes whose command line holds this text. */
function running(text: string): number {
  const list = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout;
  return list.split('\n').filter((line) => line.includes(text)).length;
}

for (const mode of ['bwrap', 'off'] as const) {
  describe(`a tool (sandbox ${mode})`, () => {
    it('gives its streams apart, its exit code and its command to the log', async ({ skip }) => {
      if (!sandboxes[mode]) skip();
      const { run, lines } = await trial(mode);
      const result = await run('echo out; echo err >&2; exit 3');
      expect(result).toMatchObject({
        exitCode: 3,
        signal: null,
        stdout: 'out\n',
        stderr: 'err\n',
        cancelled: false,
      });
      await vi.waitFor(() => expect(lines.at(-1)?.text).toMatch(/^exit code 3 after /));
      expect(lines[0]?.text).toContain(`$ /bin/sh -c 'echo out`);
      expect(lines.find((line) => line.text === 'err')?.stream).toBe('stderr');
    });

    it('sees nothing of the worker: neither its environment nor its secrets', async ({ skip }) => {
      if (!sandboxes[mode]) skip();
      process.env.DARB_WORKER_JOIN_TOKEN = 'very secret';
      const { run } = await trial(mode);
      const { stdout } = await run('env');
      expect(stdout).not.toContain('DARB_WORKER_JOIN_TOKEN');
      delete process.env.DARB_WORKER_JOIN_TOKEN;
    });

    it('is gone after a cancel, with all that it started: SIGTERM ignored, setsid, detached', async ({
      skip,
    }) => {
      if (!sandboxes[mode]) skip();
      const { run, control, pool, lines } = await trial(mode);
      const nap = `9${Math.floor(Math.random() * 1e6)}`;
      const stubborn = `trap '' TERM; sleep ${nap} & sleep ${nap}`;
      await writeFile(join(pool, 'stubborn.sh'), `${stubborn}\nwait\n`);
      const ended = run(
        `setsid sh stubborn.sh & (setsid sh -c 'sh stubborn.sh &' &) ; trap '' TERM; echo started; sh stubborn.sh; wait`,
      );
      await vi.waitFor(() => expect(lines.some((line) => line.text === 'started')).toBe(true), {
        timeout: 5_000,
      });
      await vi.waitFor(() => expect(running(`sleep ${nap}`)).toBeGreaterThanOrEqual(6), { timeout: 5_000 });
      control.stop({ kind: 'cancel', code: null });
      const result = await ended;
      expect(result).toMatchObject({ cancelled: true, timedOut: false });
      expect(running(`sleep ${nap}`)).toBe(0);
    });

    it('may tidy up when it heeds SIGTERM', async ({ skip }) => {
      if (!sandboxes[mode]) skip();
      const { run, control, pool, lines } = await trial(mode);
      const ended = run(`trap 'echo tidy > tidied; exit 9' TERM; echo started; while :; do sleep 0.05; done`);
      await vi.waitFor(() => expect(lines.some((line) => line.text === 'started')).toBe(true), {
        timeout: 5_000,
      });
      control.stop({ kind: 'timeout', seconds: 1 });
      expect(await ended).toMatchObject({ cancelled: true, timedOut: true, exitCode: 9 });
      expect(await readFile(join(pool, 'tidied'), 'utf8')).toBe('tidy\n');
    });

    it('leaves nothing behind when it ends by itself', async ({ skip }) => {
      if (!sandboxes[mode]) skip();
      const { run } = await trial(mode);
      const nap = `8${Math.floor(Math.random() * 1e6)}`;
      const result = await run(`setsid sleep ${nap} & echo done`);
      expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
      await vi.waitFor(() => expect(running(`sleep ${nap}`)).toBe(0));
    });

    it('rejects when there is no such program', async ({ skip }) => {
      if (!sandboxes[mode]) skip();
      const { pool, control } = await trial(mode);
      const log = { redactor: new Redactor(), say: () => undefined } as unknown as JobLog;
      const run = createToolRunner({ sandbox: sandboxes[mode]!, pool, log, control, markPrefix: 'test' });
      const file = join(pool, 'absent');
      await expect(
        run({ file, args: [], cwd: pool, env: {}, phase: 'solve', readable: [] }),
      ).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });
}

describe('bubblewrap', () => {
  it('shows the pool writable with real hardlinks, the system read-only, and nothing else', async ({
    skip,
  }) => {
    if (!sandboxes.bwrap) skip('bubblewrap does not work on this machine');
    const { run, pool } = await trial('bwrap');
    await mkdir(join(pool, 'cache'));
    await writeFile(join(pool, 'cache', 'wheel'), 'x');
    const outside = join(root, 'outside');
    await writeFile(outside, 'x');
    const { stdout } = await run(
      `mkdir store; ln cache/wheel store/wheel
       touch /usr/darb 2>/dev/null && echo system-writable; cat ${outside} 2>/dev/null && echo outside-visible
       ls /root /home /var 2>/dev/null; ls /tmp; cat /proc/self/oom_score_adj; ls /proc | grep -c '^[0-9]'; ulimit -c`,
    );
    expect((await stat(join(pool, 'store', 'wheel'))).nlink).toBe(2);
    expect(stdout).not.toMatch(/system-writable|outside-visible/);
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toBe('0');
    expect(Number(lines.at(-2))).toBeLessThan(8);
    expect(lines.at(-3)).toBe('1000');
    expect(existsSync('/usr/darb')).toBe(false);
  });
});
