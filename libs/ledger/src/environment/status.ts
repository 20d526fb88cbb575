import { ENVIRONMENT_TRANSITIONS, environmentStatus, mayMove } from '@darb/models';
import { LedgerError } from '../errors.js';
import type { Move } from '../move.js';
import { firstRow } from '../sql.js';
import { ENVIRONMENT_VIEW, factsOf, toEnvironmentObject } from './view.js';
import type { EnvironmentViewRow } from './view.js';

/**
 * An environment with what its jobs do, as they were at one moment: work on a store settles environments whose lanes
 * it does not hold, and two statements could see half of somebody else's move.
 */
const ENVIRONMENT_FACTS = `
  SELECT v.*, activity.is_deleting, activity.is_changing
  FROM (${ENVIRONMENT_VIEW} WHERE e.id = $1) v
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(j.type = 'delete'), false) AS is_deleting,
      coalesce(bool_or(j.type <> 'delete' AND j.status = 'running'), false) AS is_changing
    FROM jobs.jobs j WHERE j.lane = 'environment:' || v.id AND j.status IN ('pending', 'running')
  ) activity`;

/** The one place where an environment's status is written: it follows from the rows. */
export async function settle(move: Move, environmentId: string): Promise<void> {
  const row = await firstRow<EnvironmentViewRow & { is_deleting: boolean; is_changing: boolean }>(
    move.tx,
    ENVIRONMENT_FACTS,
    [environmentId],
  );
  if (!row) return;
  const status = environmentStatus(factsOf(row, row));
  if (status !== row.status) {
    if (!mayMove(ENVIRONMENT_TRANSITIONS, row.status, status)) {
      throw new LedgerError('forbidden_move', `An environment can not go from ${row.status} to ${status}.`);
    }
    await move.tx.query(
      'UPDATE environments.environments SET status = $2, updated_at = now() WHERE id = $1',
      [environmentId, status],
    );
  }
  const object = toEnvironmentObject({ ...row, status });
  move.subjectMoved({ type: 'environment', id: environmentId }, row.organization_id, object);
}
