import { faultProxy, valkey, waitFor } from '@darb/testing';
import type { FaultProxy } from '@darb/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { JobsStack, WAIT } from './support/jobs-stack.js';
import { collect, FAILED, LogHarness, seqsOf, upTo } from './support/log-harness.js';
import type { ScriptedRun } from './support/scripted-worker.js';

/** As a worker does: to the tail at once, in a chunk a little later. */
async function write(writer: ScriptedRun, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 10) {
    const lines = writer.lines(upTo(Math.min(left, 10)).map((index) => `line ${writer.seq + index}`));
    await writer.sayLive(lines);
    expect((await writer.store(lines)).status).toBe(204);
  }
}

describe('while Valkey is away', () => {
  let stack: JobsStack;
  let logs: LogHarness;
  let proxy: FaultProxy;

  beforeAll(async () => {
    const [host, port] = valkey().addr.split(':');
    proxy = await faultProxy({ host: host!, port: Number(port) });
    proxy.cut();
    stack = await JobsStack.start({ valkeyAddr: `127.0.0.1:${proxy.port}` });
    logs = new LogHarness(stack);
  });
  afterEach(() => logs.stop());
  afterAll(async () => {
    await stack.stop();
    await proxy.close();
  });

  it('the service starts, serves, and gives jobs to workers once it is there', async () => {
    expect((await fetch(`${stack.url}/health/ready`)).status).toBe(200);
    const id = await stack.request(await stack.addEnvironment());
    expect(await stack.job(id)).toMatchObject({ status: 'pending' });
    expect(await logs.text(id)).toBe('');
    const streamed = collect(logs.stream(id));
    proxy.restore();
    const worker = await stack.addWorker(async (writer) => {
      await write(writer, 50);
      await writer.finish(FAILED);
    });
    expect(seqsOf(await streamed)).toEqual(upTo(50));
    await worker.stop();
  });

  it('a log goes on, and has everything in the end', async () => {
    let isBack = false;
    const id = await logs.run(async (writer) => {
      await write(writer, 100);
      proxy.cut();
      await write(writer, 300);
      await waitFor(() => isBack, WAIT);
      await write(writer, 100);
      await writer.finish(FAILED);
    });
    await stack.jobInStatus(id, 'running');
    let seen = 0;
    const stream = logs.stream(id);
    const events = [];
    for await (const event of stream.events()) {
      events.push(event);
      seen += 1;
      // What was written without Valkey has come before it is back.
      if (seen === 400) {
        proxy.restore();
        isBack = true;
      }
    }
    expect(seqsOf(events)).toEqual(upTo(500));
    expect(events.at(-1)!.event).toBe('end');
  });
});

describe('while the database is away', () => {
  let stack: JobsStack;
  let logs: LogHarness;
  let proxy: FaultProxy;

  beforeAll(async () => {
    const { host, port } = new pg.Client({ connectionString: process.env['TEST_PG_URL']! });
    proxy = await faultProxy({ host, port });
    stack = await JobsStack.start({ postgresPort: proxy.port });
    logs = new LogHarness(stack);
  });
  afterEach(() => logs.stop());
  afterAll(async () => {
    await stack.stop();
    await proxy.close();
  });

  it('a stream stays, shows what the worker says meanwhile, and goes on', async () => {
    const stages = { isAway: false, isBack: false };
    const id = await logs.run(async (writer) => {
      await write(writer, 19);
      const unsent = writer.lines(['live']);
      await writer.sayLive(unsent);
      await waitFor(() => stages.isAway, WAIT);
      const more = writer.lines(upTo(10).map((index) => `line ${index}`));
      await writer.sayLive(more);
      unsent.push(...more);
      await waitFor(() => stages.isBack, WAIT);
      await waitFor(async () => (await writer.store(unsent)).status === 204, WAIT);
      await write(writer, 20);
      await writer.finish(FAILED);
    });
    await stack.jobInStatus(id, 'running');
    const ready = async () => (await fetch(`${stack.url}/health/ready`)).status;
    const events = [];
    for await (const event of logs.stream(id).events()) {
      events.push(event);
      // It has caught up and follows the live tail.
      if (events.length === 20) {
        proxy.cut();
        await waitFor(async () => (await ready()) === 503, WAIT);
        expect((await logs.read(id)).status).toBe(503);
        stages.isAway = true;
      }
      if (events.length === 30) {
        proxy.restore();
        await waitFor(async () => (await ready()) === 200, WAIT);
        stages.isBack = true;
      }
    }
    expect(seqsOf(events)).toEqual(upTo(50));
    expect(events.at(-1)!.event).toBe('end');
  });
});
