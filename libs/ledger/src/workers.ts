import type { RegisterWorkerRequest } from '@darb/models';
import { cleanTexts, json, rows } from './sql.js';
import type { Queryable } from './sql.js';

/** Notes a worker that joined, and the store it works on. */
export async function registerWorker(
  tx: Queryable,
  id: string,
  reported: RegisterWorkerRequest,
): Promise<void> {
  const worker = cleanTexts(reported);
  await tx.query(
    `WITH store AS (
       INSERT INTO environments.stores (id, root) VALUES ($3, $4) ON CONFLICT (id) DO UPDATE SET root = EXCLUDED.root
     ), lane AS (
       INSERT INTO jobs.lanes (lane) VALUES ('store:' || $3) ON CONFLICT DO NOTHING
     )
     INSERT INTO jobs.workers
       (id, name, store_id, store_root, platform, libc, managers, slots, labels, sandbox, version)
     SELECT $1, $2, $3::uuid, $4, $5, $6, $7, $8, $9, $10, $11 FROM pg_notify('darb_jobs', '')`,
    [
      id,
      worker.name,
      worker.store.id,
      worker.store.root,
      worker.platform,
      worker.libc,
      json(worker.managers),
      worker.slots,
      json(worker.labels),
      json(worker.sandbox),
      worker.version,
    ],
  );
}

/** Takes no new jobs on a worker, or takes them again. @returns false when there is no such worker any more */
export async function requestDrain(tx: Queryable, workerId: string, isDraining: boolean): Promise<boolean> {
  const found = await rows<{ id: string }>(
    tx,
    `WITH drained AS (
       UPDATE jobs.workers SET drain_requested = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id
     ) SELECT id, pg_notify('darb_jobs', '') FROM drained`,
    [workerId, isDraining],
  );
  return found.length > 0;
}
