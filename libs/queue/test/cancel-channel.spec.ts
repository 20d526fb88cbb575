import { queuePrefix, valkey, waitFor } from '@darb/testing';
import { expect, it } from 'vitest';
import { CancelChannel, connectValkey, valkeyOptionsFromConfig } from '../src/index.js';

it('tells the worker that is meant, and no other', async () => {
  const redis = connectValkey(valkeyOptionsFromConfig(await valkey()));
  const channel = new CancelChannel(redis, await queuePrefix());
  const mine: string[] = [];
  const others: string[] = [];
  const stops = [
    await channel.subscribe('mine', (job) => mine.push(job)),
    await channel.subscribe('other', (job) => others.push(job)),
  ];
  // The subscription is made in the background; a cancel that comes before it is told by the heartbeat.
  await waitFor(
    async () => {
      await channel.publish('mine', 'job-1');
      return mine.length > 0;
    },
    { timeoutMs: 5_000 },
  );
  expect(mine[0]).toBe('job-1');
  expect(others).toEqual([]);
  for (const stop of stops) stop();
  redis.disconnect();
});
