/** GOALS 6: log line written by the tool → received by 1, 50 and 200 clients of the log stream. */
import { clockOf, MARK } from '../lib/darb.mjs';
import { percentile, summarize } from '../lib/stats.mjs';

const CLIENTS = [1, 50, 200];

export const name = 'log-latency';
export const goal = 'p50 ≤ 30 ms, p99 ≤ 100 ms';

/** Latencies of one client; a hole in the numbers is an error, not a measurement. */
async function follow(darb, jobId) {
  const latencies = [];
  let last = 0;
  for await (const { event, data, at } of darb.events(`/jobs/${jobId}/logs/stream`)) {
    if (event !== 'line') continue;
    if (data.seq !== last + 1) throw new Error(`After line ${last} came line ${data.seq}.`);
    last = data.seq;
    const written = clockOf(data.text);
    if (written !== null) latencies.push(at - written);
  }
  if (latencies.length !== 400) throw new Error(`${latencies.length} of 400 lines arrived.`);
  // Whoever comes late gets what was before at once; that is not the latency of a line.
  return latencies.slice(100);
}

export async function measure(darb, rounds, note) {
  const environment = await darb.environment('log-latency');
  const by = {};
  for (let round = 0; round < rounds; round++) {
    for (const clients of CLIENTS) {
      const body = { packages: [`${MARK}-lines`] };
      const job = await darb.call('POST', `/environments/${environment.id}/packages`, body);
      const all = await Promise.all(Array.from({ length: clients }, () => follow(darb, job.id)));
      (by[clients] ??= []).push(all.flat());
    }
    note(`round ${round + 1}`);
  }
  const darbMs = Object.fromEntries(CLIENTS.map((clients) => [`clients_${clients}`, summarize(by[clients])]));
  return {
    darb_ms: darbMs,
    reference_ms: null,
    is_met: CLIENTS.every(
      (clients) => percentile(by[clients].flat(), 50) <= 30 && percentile(by[clients].flat(), 99) <= 100,
    ),
  };
}
