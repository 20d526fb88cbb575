import { isTerminal, type LogGap, type LogLine } from '@darb/models';
import type { QueryClient } from '@tanstack/react-query';
import type { EventSourceMessage } from 'eventsource-parser';
import { toJob } from '../lib/answers';
import type { Environment, EnvironmentFilters, Job, JobDetail, JobFilters } from '../lib/api';
import {
  environmentMatches,
  hasNewDetails,
  jobMatches,
  mergeIntoPages,
  newerDetail,
  newerEnvironment,
  newerJob,
  type Pages,
} from '../lib/cache';
import type { LogBuffer } from './log-buffer';

/** Applies a batch of live events to the cache and to the log that is followed. */
export function applyEvents(
  events: readonly EventSourceMessage[],
  client: QueryClient,
  log: LogBuffer | null,
  onLogEnd: () => void,
): void {
  const entries: ({ line: LogLine } | { gap: LogGap })[] = [];
  let ended = false;
  for (const event of events) {
    const data: unknown = JSON.parse(event.data);
    if (event.event === 'line') entries.push({ line: data as LogLine });
    else if (event.event === 'gap') entries.push({ gap: data as LogGap });
    else if (event.event === 'job') applyJob(client, toJob(data));
    else if (event.event === 'environment') applyEnvironment(client, data as Environment);
    else if (event.event === 'reset') refreshAll(client);
    else if (event.event === 'end') {
      applyJob(client, toJob(data));
      ended = true;
    }
  }
  log?.add(entries);
  if (!ended) return;
  log?.end();
  onLogEnd();
}

/** Loads again what is on screen: changes may have been missed. */
export function refreshAll(client: QueryClient): void {
  void client.invalidateQueries();
}

/** Tries again what could not be loaded, for when the server can be reached again. */
export function retryFailed(client: QueryClient): void {
  void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
}

/** Puts a job in every place that shows it; also used with the answer of a request. */
export function applyJob(client: QueryClient, job: Job): void {
  const before = client.getQueryData<JobDetail>(['job', job.id]);
  client.setQueryData<JobDetail>(['job', job.id], (known) => newerDetail(known, job));
  if (hasNewDetails(before, job)) void client.invalidateQueries({ queryKey: ['job', job.id] });
  for (const [key] of client.getQueriesData<Pages<Job>>({ queryKey: ['jobs'] })) {
    const belongs = jobMatches(job, (key[1] ?? {}) as JobFilters);
    client.setQueryData<Pages<Job>>(key, (data) => mergeIntoPages(data, job, belongs, newerJob));
  }
  noteOfQueue(client);
  // What a finished job may have changed is loaded again where it is on screen, and forgotten where not.
  if (!isTerminal(job.status) || (before && isTerminal(before.status))) return;
  if (job.environment_id !== null) {
    void client.invalidateQueries({ queryKey: ['contents', job.environment_id] });
  } else {
    void client.invalidateQueries({ queryKey: ['storage'] });
  }
}

const QUEUE_PAUSE_MS = 1_000;
const noted = new WeakSet<QueryClient>();

/** Queue and workers have no events of their own: every job may have changed them. At most once a second. */
function noteOfQueue(client: QueryClient): void {
  if (noted.has(client)) return;
  noted.add(client);
  setTimeout(() => {
    noted.delete(client);
    void client.invalidateQueries({ queryKey: ['queue'] });
    void client.invalidateQueries({ queryKey: ['workers'] });
  }, QUEUE_PAUSE_MS);
}

export function applyEnvironment(client: QueryClient, environment: Environment): void {
  const before = client.getQueryData<Environment>(['environment', environment.id]);
  client.setQueryData<Environment>(['environment', environment.id], (known) =>
    newerEnvironment(known, environment),
  );
  for (const [key] of client.getQueriesData<Pages<Environment>>({ queryKey: ['environments'] })) {
    const belongs = environmentMatches(environment, (key[1] ?? {}) as EnvironmentFilters);
    client.setQueryData<Pages<Environment>>(key, (data) =>
      mergeIntoPages(data, environment, belongs, newerEnvironment),
    );
  }
  if (before && before.revision !== environment.revision) {
    void client.invalidateQueries({ queryKey: ['contents', environment.id] });
  }
}
