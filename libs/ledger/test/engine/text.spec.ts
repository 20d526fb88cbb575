/** What a tool, an index or a package says is stored cleaned, and never an exception (issue 6, seen to fail 2). */
import type { JobError, PackageRecord } from '@darb/models';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CREATE, LedgerFixture, NETWORK, digestOf, install } from '../fixture.js';
import type { Run } from '../fixture.js';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

/** A NUL, and both halves of a surrogate pair without the other. */
const BAD = 'a\0b\uD83Dc\uDE00d';
const CLEAN = 'a\uFFFDb\uFFFDc\uFFFDd';

const PACKAGE: PackageRecord = {
  name: 'six',
  version: '1.17.0',
  kind: 'pypi',
  build: null,
  channel: null,
  explicit: true,
  requested: 'six',
  size_bytes: 10,
  license: 'MIT',
};

async function started(): Promise<Run> {
  await fixture.worker();
  await fixture.environment('texts');
  return fixture.start();
}

describe('bad characters in what a worker reports', () => {
  it.each([
    ['packages', { packages: [{ ...PACKAGE, version: BAD, license: BAD, requested: BAD, build: BAD }] }],
    ['manifest', { manifest: BAD }],
    ['lockfile', { lockfile: BAD }],
    ['warnings', { warnings: [BAD, 'fine'] }],
    ['inputs', { inputs: { lockfile: BAD, python: BAD, [BAD]: { [BAD]: [BAD] } } }],
    ['versions', { tool_version: BAD, python_version: BAD }],
    ['digest', { digest: BAD }],
    ['timings', { timings: { [BAD]: 5 } }],
    ['result', { result: { [BAD]: BAD } }],
  ])('are stored as replacement characters in %s of a success', async (_name, more: object) => {
    const { dispatch, epoch } = await started();
    const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('a'));
    expect((await fixture.finish(dispatch, epoch, { copy_id, ...more })).state).toBe('publish');
    await fixture.published(dispatch, epoch);
    expect((await fixture.job(dispatch.job_id)).status).toBe('completed');
  });

  it('can be read as what they became', async () => {
    const { dispatch, epoch } = await started();
    const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('b'));
    const packages = [{ ...PACKAGE, license: BAD }];
    await fixture.finish(dispatch, epoch, { copy_id, packages, manifest: BAD, warnings: [BAD] });
    expect(
      await fixture.query(
        `SELECT p.license, d.content AS manifest, r.warnings FROM environments.revisions r
         JOIN environments.revision_packages p ON p.environment_id = r.environment_id
         JOIN environments.documents d ON d.sha256 = r.manifest_sha256`,
      ),
    ).toEqual([{ license: CLEAN, manifest: CLEAN, warnings: [CLEAN] }]);
  });

  it('are stored in the error of a failure, and in what the environment says', async () => {
    const { dispatch, epoch } = await started();
    const error: JobError = { code: BAD, family: 'user', message: BAD, extract: BAD };
    expect(await fixture.finish(dispatch, epoch, { outcome: 'failed', error })).toMatchObject({
      state: 'done',
    });
    const job = await fixture.job(dispatch.job_id);
    expect(job.error).toEqual({ code: CLEAN, family: 'user', message: CLEAN, extract: CLEAN });
    expect((await fixture.environmentRow(job.subject_id)).last_error).toEqual({
      code: CLEAN,
      message: CLEAN,
    });
  });

  it('are stored in the reason why a job waits for another attempt', async () => {
    const run = await started();
    expect(await fixture.fail(run, { ...NETWORK, message: BAD })).toMatchObject({ state: 'retry' });
    const { waiting_for } = await fixture.job(run.dispatch.job_id);
    expect(waiting_for).toBe(`another attempt (2 of 3): ${CLEAN}`);
  });

  it('are stored in the progress and the tools of a heartbeat', async () => {
    const run = await started();
    const { worker_id, job_id } = run.dispatch;
    const progress = { phase: BAD as 'solve', done: 1, total: null };
    const managers = [
      { type: 'uv' as const, available: false, version: BAD, path: BAD, reason: BAD, interpreters: [] },
    ];
    const jobs = [{ id: job_id, epoch: run.epoch, progress }];
    await fixture.heartbeat(worker_id, [], { jobs, managers });
    expect((await fixture.job(job_id)).progress).toMatchObject({ phase: CLEAN });
  });

  it('are stored in the name and labels of a worker', async () => {
    await fixture.worker(2, undefined, { name: BAD, labels: { [BAD]: BAD }, libc: BAD });
    expect(await fixture.query('SELECT name, labels, libc FROM jobs.workers')).toEqual([
      { name: CLEAN, labels: { [CLEAN]: CLEAN }, libc: CLEAN },
    ]);
  });

  it('are stored in the specs and texts of a request', async () => {
    const { job } = await fixture.environment('spec', fixture.organizationId, install(BAD));
    expect(job.change).toMatchObject({ packages: [CLEAN] });
    const change = { ...CREATE, type: 'create' as const, manifest: BAD } as typeof CREATE;
    await fixture.request(job.subject_id, change);
  });
});

it('a package that a tool lists twice is recorded once', async () => {
  const { dispatch, epoch } = await started();
  const { copy_id } = await fixture.reserve(dispatch, epoch, digestOf('c'));
  await fixture.finish(dispatch, epoch, { copy_id, packages: [PACKAGE, { ...PACKAGE, explicit: false }] });
  expect(await fixture.query('SELECT name, explicit FROM environments.revision_packages')).toEqual([
    { name: 'six', explicit: true },
  ]);
});
