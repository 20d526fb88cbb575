import type { PublishedAnswer } from '@darb/models';
import { firstRow } from '../sql.js';
import type { Queryable } from '../sql.js';

/** Where `current` of a job's environment must point, in this store; null after a delete. */
export async function highestPublished(
  tx: Queryable,
  environmentId: string,
  storeId: string,
): Promise<PublishedAnswer['highest']> {
  const found = await firstRow<{ revision: number; artifact_path: string }>(
    tx,
    `SELECT e.published_revision AS revision, c.path AS artifact_path
     FROM environments.environments e
     JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
     JOIN environments.artifact_copies c ON c.artifact_id = r.artifact_id AND c.store_id = $2 AND c.state = 'ready'
     WHERE e.id = $1 AND e.deleted_at IS NULL`,
    [environmentId, storeId],
  );
  return found ?? null;
}
