/** Manifests and lockfiles are kept once, and no statement of somebody else's job carries them (seen to fail 4). */
import { randomBytes } from 'node:crypto';
import type { Change, EnvironmentOrder } from '@darb/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimJob, dispatchPass, recordHeartbeat, requestCancel } from '../../src/index.js';
import type { Queryable } from '../../src/index.js';
import { v7 as uuidv7 } from 'uuid';
import { CREATE, LedgerFixture, LIMITS } from '../fixture.js';

const COUNT = 200;
const MIB = 1024 * 1024;
/** Text that does not compress, so that a row that held it could not look small. */
const lockfile = randomBytes(MIB * 0.75).toString('base64');

let fixture: LedgerFixture;
let workerId: string;
beforeAll(async () => {
  fixture = await LedgerFixture.start();
  const change: Change = { ...CREATE, type: 'create', manifest: '[project]', lockfile } as Change;
  for (let index = 0; index < COUNT; index += 1) {
    await fixture.environment(`big-${index}`, fixture.organizationId, change);
  }
  workerId = await fixture.worker(8);
}, 90_000);
afterAll(() => fixture.stop());

/** What the database sends back while it runs, in characters. */
async function readBy<T>(run: (tx: Queryable) => Promise<T>): Promise<{ size: number; result: T }> {
  let size = 0;
  const result = await fixture.tx((tx) =>
    run({
      query: async (sql: string, parameters?: unknown[]) => {
        const answer = (await tx.query(sql, parameters)) as unknown;
        size += JSON.stringify(answer).length;
        return answer as never;
      },
    }),
  );
  return { size, result };
}

describe(`${COUNT} waiting creates with lockfiles of 1 MiB`, () => {
  it('keep the text once', async () => {
    const documents = await fixture.query<{ size_bytes: number }>(
      'SELECT size_bytes FROM environments.documents ORDER BY size_bytes DESC',
    );
    expect(documents.map(({ size_bytes }) => size_bytes)).toEqual([lockfile.length, '[project]'.length]);
  });

  it.each(['jobs.jobs', 'jobs.events', 'jobs.claims', 'auth.audit_events', 'environments.environments'])(
    'leave rows of %s small',
    async (table) => {
      const [row] = await fixture.query<{ largest: number | null }>(
        `SELECT max(pg_column_size(t.*)) AS largest FROM ${table} t`,
      );
      expect(row!.largest ?? 0).toBeLessThan(4_096);
    },
  );

  it('are dispatched, listed and cancelled without reading one of them', async () => {
    const pass = await readBy((tx) => dispatchPass(tx));
    expect(pass.result).toHaveLength(8);
    expect(pass.size).toBeLessThan(200_000);
    const listed = await readBy((tx) => tx.query(`SELECT * FROM jobs.jobs WHERE status = 'pending'`));
    expect(listed.size).toBeLessThan(COUNT * 4_096);
    const beat = await readBy((tx) =>
      recordHeartbeat(tx, workerId, { jobs: [], draining: false, space: null }),
    );
    expect(beat.size).toBeLessThan(10_000);
    const [other] = await fixture.query<{ id: string }>(
      `SELECT id FROM jobs.jobs WHERE worker_id IS NULL AND status = 'pending' LIMIT 1`,
    );
    const cancel = await readBy((tx) => requestCancel(tx, other!.id, { userId: null }));
    expect(cancel.size).toBeLessThan(20_000);
  });

  it('are read one by one, by the claim that needs them', async () => {
    const [dispatch] = await fixture.query<{ id: string; worker_id: string; dispatch_no: number }>(
      'SELECT id, worker_id, dispatch_no FROM jobs.jobs WHERE worker_id IS NOT NULL LIMIT 1',
    );
    const request = { ...dispatch!, delivery_id: uuidv7() };
    const { size, result } = await readBy((tx) => claimJob(tx, dispatch!.id, request, LIMITS));
    expect('claimed' in result).toBe(true);
    if (!('claimed' in result)) return;
    expect((result.claimed.work_order as EnvironmentOrder).change).toMatchObject({ lockfile });
    expect(size).toBeLessThan(1.1 * MIB);
    expect(await fixture.query('SELECT max(pg_column_size(c.*)) < 2048 AS small FROM jobs.claims c')).toEqual(
      [{ small: true }],
    );
  });
});
