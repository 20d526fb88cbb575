/** GOALS 4: idle queue, POST → tool spawned, against BullMQ add → process on the same Valkey. */
import { Queue, Worker } from 'bullmq';
import { clockOf, MARK, now } from '../lib/darb.mjs';
import { percentile, summarize } from '../lib/stats.mjs';

const SAMPLES = 20;

export const name = 'idle-queue';
export const goal = 'p50 ≤ 15 ms, p99 ≤ 50 ms';

async function spawned(darb, environment) {
  const start = now();
  const body = { packages: [`${MARK}-spawn`] };
  const job = await darb.call('POST', `/environments/${environment.id}/packages`, body);
  const parts = { answered: now() - start };
  for await (const { event, data } of darb.events(`/jobs/${job.id}/logs/stream`)) {
    if (event === 'end') parts.claimed = Date.parse(data.started_at) - start;
    if (event !== 'line') continue;
    parts.command_logged ??= Date.parse(data.time) - start;
    const at = clockOf(data.text);
    if (at !== null) parts.spawned = at - start;
  }
  if (!parts.spawned) throw new Error('The tool was never started.');
  return parts;
}

/** Add → process of a bare queue, by the same clock. */
async function bareQueue(connection) {
  const queue = new Queue('bench', { connection });
  let onStart;
  const worker = new Worker('bench', async () => onStart(now()), { connection: { ...connection } });
  await worker.waitUntilReady();
  return {
    sample: async () => {
      const started = new Promise((resolve) => (onStart = resolve));
      const start = now();
      await queue.add('job', {}, { removeOnComplete: true });
      return (await started) - start;
    },
    close: async () => {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
    },
  };
}

export async function measure(darb, rounds, note) {
  const { variables } = darb.services().jobs;
  const [host, port] = variables.DARB_QUEUE_VALKEY_ADDR.split(':');
  const password = variables.DARB_QUEUE_VALKEY_PASSWORD;
  const queue = await bareQueue({
    host,
    port: Number(port),
    ...(password ? { password } : {}),
    maxRetriesPerRequest: null,
  });
  const environment = await darb.environment('idle-queue');
  await spawned(darb, environment);
  await queue.sample();
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    const [own, other] = [[], []];
    for (let sample = 0; sample < SAMPLES; sample++) {
      own.push(await spawned(darb, environment));
      other.push(await queue.sample());
    }
    ours.push(own);
    theirs.push(other);
    note(`round ${round + 1}`);
  }
  await queue.close();
  const of = (part) => ours.map((own) => own.map((parts) => parts[part]));
  const spawn = of('spawned');
  const result = {
    darb_ms: summarize(spawn),
    reference_ms: summarize(theirs),
    // Since the request was sent; the service's own clock has whole milliseconds.
    parts_ms: Object.fromEntries(
      ['answered', 'claimed', 'command_logged'].map((part) => [part, summarize(of(part))]),
    ),
  };
  return {
    ...result,
    ratio: result.darb_ms.p50 / result.reference_ms.p50,
    is_met: percentile(spawn.flat(), 50) <= 15 && percentile(spawn.flat(), 99) <= 50,
  };
}
