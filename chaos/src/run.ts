/** One run, from the first process to the verdict. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { unfinishedCount, snapshot } from './check/database.js';
import type { Snapshot } from './check/database.js';
import { checkDisk } from './check/disk.js';
import { checkLogs } from './check/logs.js';
import type { TailLoss } from './check/logs.js';
import { checkRows } from './check/rows.js';
import { drawSchedule, FAULT_KINDS, FaultRunner } from './faults/schedule.js';
import type { StruckFault } from './faults/schedule.js';
import { Findings } from './findings.js';
import { Crowd } from './load/crowd.js';
import type { ChaosOptions } from './options.js';
import { Random } from './random.js';
import { runningTools } from './stage/processes.js';
import { Stage } from './stage/stage.js';

/** Every job ends within this time once nothing disturbs it any more: a lease, a few retries, the queue. */
const SETTLE_MS = 150_000;
const STREAMS_END_MS = 40_000;
const TOOLS_END_MS = 20_000;
/** Logs of so many jobs are read as a whole, besides those that somebody followed. */
const READ_LOGS = 60;
/** A worker that is killed leaves at most one folder for each of its slots. */
const LEFT_BY_ONE_KILL = 2;

export interface Verdict {
  seed: number;
  durationMs: number;
  faults: StruckFault[];
  findings: Findings;
  answers: Map<string, number>;
  jobs: Map<string, number>;
  skipped: string[];
  rows: Snapshot | null;
}

export interface RunHooks {
  say: (text: string) => void;
  /** Ends the faults and the load early; what was done so far is checked all the same. */
  signal: AbortSignal;
  mayMount: boolean;
  /** Called before everything is taken down, when there are violations. */
  keep: (stage: Stage, verdict: Verdict) => Promise<void>;
}

export async function run(options: ChaosOptions, hooks: RunHooks): Promise<Verdict> {
  const { say } = hooks;
  const startedAt = Date.now();
  const findings = new Findings(({ rule, text }) => say(`VIOLATION of ${rule}: ${text}`));
  const stage = await Stage.start({ mayMount: hooks.mayMount, log: say });
  const verdict: Verdict = {
    seed: options.seed,
    durationMs: 0,
    faults: [],
    findings,
    answers: new Map(),
    jobs: new Map(),
    skipped: stage.skipped,
    rows: null,
  };
  try {
    const crowd = new Crowd(stage.url, options.seed, findings);
    verdict.answers = crowd.history.answers;
    await crowd.gather(options.people);
    verdict.faults = await disturb(stage, crowd, options, hooks);
    await settle(stage, crowd, findings, say);
    verdict.rows = await check(stage, crowd, verdict, say);
    verdict.durationMs = Date.now() - startedAt;
    if (findings.violations.length > 0) await hooks.keep(stage, verdict);
    return verdict;
  } finally {
    say('Stopping …');
    await stage.close();
  }
}

async function disturb(
  stage: Stage,
  crowd: Crowd,
  { faults, minutes, seed, only }: ChaosOptions,
  { say, signal }: RunHooks,
): Promise<StruckFault[]> {
  const kinds = FAULT_KINDS.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.startsWith(word)),
  );
  const schedule = drawSchedule(
    Random.of(seed, 'faults'),
    kinds,
    faults,
    (minutes * 60_000) / Math.max(1, faults),
  );
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  say(`Seed ${seed}: ${faults} faults within ${minutes} minutes.`);
  crowd.begin(until);
  const runner = new FaultRunner(stage, until, ({ number, kind, hit, trouble }) =>
    say(`  ${String(number).padStart(4)} ${kind}: ${hit ?? trouble ?? 'nothing to hit'}`),
  );
  const timer = setTimeout(() => over.abort(), minutes * 60_000);
  await runner.run(schedule);
  if (!until.aborted && faults === 0)
    await delay(minutes * 60_000, undefined, { signal: until }).catch(() => undefined);
  clearTimeout(timer);
  over.abort();
  return runner.struck;
}

/** Nothing disturbs any more: everything comes up again and every job ends. */
async function settle(stage: Stage, crowd: Crowd, findings: Findings, say: RunHooks['say']): Promise<void> {
  say('The faults are over; waiting until everything has settled …');
  stage.heal();
  await stage
    .healthy(60_000)
    .catch((error: Error) => findings.violate(4, `Darb does not come back: ${error.message}`));
  await crowd.finished();
  const limit = Date.now() + SETTLE_MS;
  const allEnded = async () => {
    while ((await unfinishedCount(stage.postgres)) > 0 && Date.now() < limit) await delay(500);
  };
  await allEnded();
  await mendStores(crowd, findings, allEnded);
  await crowd.readToTheEnd(STREAMS_END_MS);
  const toolsLimit = Date.now() + TOOLS_END_MS;
  while (runningTools(stage.stores).length > 0 && Date.now() < toolsLimit) await delay(200);
}

/** What faults have removed from the stores is found, built again and linked; what nobody needs goes. */
async function mendStores(crowd: Crowd, findings: Findings, allEnded: () => Promise<void>): Promise<void> {
  const steps = [
    { path: '/storage/verify', body: {} },
    { path: '/storage/verify', body: { repair: true } },
    { path: '/storage/collect', body: {} },
  ];
  for (const { path, body } of steps) {
    const answer = await crowd.admin.ask({ method: 'POST', path, body, key: randomUUID() });
    findings.expect(6, answer?.status === 202, `POST ${path} answered ${answer?.status}.`, answer?.body);
    await allEnded();
  }
}

async function check(stage: Stage, crowd: Crowd, verdict: Verdict, say: RunHooks['say']): Promise<Snapshot> {
  say('Checking …');
  const { findings, faults } = verdict;
  const rows = await snapshot(stage.postgres);
  for (const { status } of rows.jobs) verdict.jobs.set(status, (verdict.jobs.get(status) ?? 0) + 1);
  const { history, requesters, reader, admin } = crowd;
  const { accepted, unknownOutcomes } = history;
  checkRows(rows, { accepted, unknownOutcomes, requesters }, findings);
  const deaths = faults.filter(({ kind }) => /^(service|valkey|postgres|disk)/.test(kind)).length;
  const leftoverLimit = deaths * LEFT_BY_ONE_KILL;
  await checkDisk(rows, { disks: stage.disks, leftoverLimit }, findings);
  const followed = reader.read.map(({ jobId }) => jobId);
  const others = rows.jobs.map(({ id }) => id).slice(-READ_LOGS);
  const jobIds = [...new Set([...followed, ...others])];
  const logs = { jobIds, read: reader.read, claims: rows.claims, tailLosses: tailLosses(faults) };
  await checkLogs(admin, logs, findings);
  for (const service of stage.services) {
    findings.checked('processes');
    for (const { name, how, livedMs, at } of service.selfEnds) {
      findings.violate(
        'processes',
        `${name} ended by itself (${how}) after ${livedMs} ms, at ${new Date(at).toISOString()}.`,
      );
    }
  }
  return rows;
}

function tailLosses(faults: readonly StruckFault[]): TailLoss[] {
  return faults
    .filter(
      ({ kind, hit }) => kind.startsWith('valkey') || (kind.startsWith('link') && hit?.includes('-valkey')),
    )
    .map(({ startedAt, endedAt }) => ({ from: Date.parse(startedAt), to: Date.parse(endedAt) }));
}
