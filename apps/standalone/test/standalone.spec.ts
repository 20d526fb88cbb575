import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createTestDatabase, valkey } from '@darb/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Checkout, freePort } from './support/checkout.js';
import type { Run } from './support/checkout.js';

let checkout: Checkout;
let port: number;
let runs: Run[] = [];

beforeAll(async () => {
  checkout = new Checkout();
  port = await freePort();
});
afterEach(async () => {
  for (const run of runs) if (run.child.exitCode === null) run.child.kill('SIGTERM');
  await Promise.all(runs.map((run) => run.ended));
  runs = [];
  await checkout.gone();
});
afterAll(() => checkout.remove());

function start(options: Partial<Parameters<Checkout['run']>[0]> = {}): Run {
  const run = checkout.run({ port, ...options });
  runs.push(run);
  return run;
}

describe('standalone, with a real PostgreSQL and Valkey and stand-ins for the services', () => {
  it('starts from nothing, says where it is and the password, and stops without leaving anything', async () => {
    const run = start();
    await run.says('Ctrl-C stops it.');
    const secrets = path.join(run.options.data, 'secrets');
    const password = readFileSync(path.join(secrets, 'admin-password'), 'utf8').trim();
    expect(run.output).toContain(`Darb runs: http://localhost:${port}`);
    expect(run.output).toContain(`Password: ${password}`);
    expect(checkout.noteOf('auth').env['DARB_ADMIN_PASSWORD']).toBe(password);
    for (const name of readdirSync(secrets))
      expect(statSync(path.join(secrets, name)).mode & 0o777).toBe(0o600);
    expect(await run.stop()).toEqual({ code: 0, signal: null });
  });

  it('keeps its secrets over a restart, and does not show the password of an admin who exists', async () => {
    const before = checkout.noteOf('jobs').env['DARB_AUTH_JWT_SECRET'];
    const run = start({ env: { FAKE_USER: 'ada' } });
    await run.says('Ctrl-C stops it.');
    expect(run.output).not.toContain('Password:');
    expect(checkout.noteOf('jobs').env['DARB_AUTH_JWT_SECRET']).toBe(before);
    expect(checkout.noteOf('auth').env).not.toHaveProperty('DARB_ADMIN_PASSWORD');
  });

  it('takes a repeated Ctrl-C, as npm and the terminal send it, for one', async () => {
    const run = start();
    await run.says('Ctrl-C stops it.');
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    expect(await run.ended).toEqual({ code: 0, signal: null });
  });

  it('stops in the middle of a start too', async () => {
    const run = start();
    await run.says('Starting auth');
    expect(await run.stop()).toEqual({ code: 0, signal: null });
  });

  it('leaves nothing behind after kill -9, and starts again', async () => {
    const run = start();
    await run.says('Ctrl-C stops it.');
    await run.stop('SIGKILL');
    await checkout.gone();
    await start().says('Ctrl-C stops it.');
  });

  it('starts right after kill -9, while the old processes still end', async () => {
    const run = start();
    await run.says('Ctrl-C stops it.');
    await run.stop('SIGKILL');
    await start().says('Ctrl-C stops it.');
  });

  it('waits for a Darb whose npm was killed and that still ends', async () => {
    const first = start({ env: { SLOW_STOP_OF: 'worker' } });
    await first.says('Ctrl-C stops it.');
    first.child.disconnect();
    const second = start();
    await second.says(`Waiting for the Darb that used ${first.options.data} before`);
    await second.says('Ctrl-C stops it.');
    expect((await first.ended).code).toBe(0);
  });

  it('can be stopped while it waits for another one', async () => {
    const first = start({ env: { SLOW_STOP_OF: 'worker' } });
    await first.says('Ctrl-C stops it.');
    first.child.kill('SIGTERM');
    const second = start();
    await second.says('Waiting for the Darb');
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  });

  it('stops when whoever started it is gone', async () => {
    const run = start();
    await run.says('Ctrl-C stops it.');
    run.child.disconnect();
    expect((await run.ended).code).toBe(0);
  });

  it('starts a crashed service and a crashed database again, and says so', async () => {
    const run = start();
    await run.says('Ctrl-C stops it.');
    const { pid } = checkout.noteOf('jobs');
    process.kill(pid, 'SIGKILL');
    await run.says('jobs ended unexpectedly (SIGKILL)');
    await run.says('jobs is back.');
    expect(checkout.noteOf('jobs').pid).not.toBe(pid);
    const list = JSON.parse(readFileSync(path.join(run.options.data, 'run/processes.json'), 'utf8')) as {
      name: string;
      pid: number;
    }[];
    process.kill(list.find(({ name }) => name === 'postgres')!.pid, 'SIGKILL');
    await run.says('postgres is back.');
  });
});

describe('standalone beside others', () => {
  it('uses the servers that somebody else runs, and starts none of its own', async () => {
    const database = await createTestDatabase();
    const env = { DARB_DATABASE_DSN: database.dsn, DARB_QUEUE_VALKEY_ADDR: valkey().addr };
    const run = start({ data: path.join(checkout.place, 'other'), env });
    await run.says('Ctrl-C stops it.');
    const { env: given } = checkout.noteOf('jobs');
    expect(given).toMatchObject({ ...env, DARB_QUEUE_PREFIX: expect.stringMatching(/^darb-[0-9a-f]{8}$/) });
    expect(readdirSync(path.join(run.options.data, 'logs'))).not.toContain('postgres.log');
    expect(readdirSync(path.join(run.options.data, 'logs'))).not.toContain('valkey.log');
    expect((await run.stop()).code).toBe(0);
    await database.drop();
  });

  it('runs side by side with another one on another folder', async () => {
    const first = start();
    const second = start({ data: path.join(checkout.place, 'second'), port: await freePort() });
    await Promise.all([first.says('Ctrl-C stops it.'), second.says('Ctrl-C stops it.')]);
    expect((await first.stop()).code).toBe(0);
    expect(second.child.exitCode).toBeNull();
  });
});

describe('standalone that can not start', () => {
  it('names the one who uses the data folder', async () => {
    const first = start();
    await first.says('Ctrl-C stops it.');
    const second = start({ port: await freePort() });
    expect((await second.ended).code).toBe(1);
    expect(second.output).toContain(
      `is in use by another Darb (process ${first.child.pid}, http://localhost:${port})`,
    );
  });

  it.runIf(process.platform === 'linux')(
    'says that a folder can not be made, not that a disk is full',
    async () => {
      const run = start({ data: '/proc/nope' });
      expect((await run.ended).code).toBe(1);
      expect(run.output).toMatch(/can't be made there: .*\/proc\/nope/);
      expect(run.output).not.toContain('full');
    },
  );

  it('says that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(port, resolve));
    try {
      const run = start();
      expect((await run.ended).code).toBe(1);
      expect(run.output).toMatch(/Port \d+ is taken by another program.*--port/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('names an unknown setting and the one that was meant', async () => {
    const run = start({ env: { DARB_SERVER_PROT: '1' } });
    expect((await run.ended).code).toBe(1);
    expect(run.output).toContain('DARB_SERVER_PROT is no setting of Darb. Did you mean DARB_SERVER_PORT?');
  });

  it('says which server of somebody else does not answer', async () => {
    const addr = `127.0.0.1:${await freePort()}`;
    const run = start({ env: { DARB_QUEUE_VALKEY_ADDR: addr } });
    expect((await run.ended).code).toBe(1);
    expect(run.output).toContain(`DARB_QUEUE_VALKEY_ADDR: ${addr} does not answer`);
  });

  it('moves the services to other ports when one of theirs is taken', async () => {
    const run = start({ env: { LOSE_PORT_OF: 'jobs' } });
    await run.says('A port was taken by another program meanwhile');
    await run.says('Ctrl-C stops it.');
  });
});
