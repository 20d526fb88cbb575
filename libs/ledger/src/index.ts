import { environmentReactor } from './environment/reactor.js';
import { registerReactor } from './reactors.js';
import { storeReactor } from './store/reactor.js';

registerReactor('environment', environmentReactor);
registerReactor('store', storeReactor);

// The engine: jobs of any subject
export { claimJob } from './engine/claim.js';
export type { ClaimOutcome, JobLimits } from './engine/claim.js';
export { dispatchPass, withdrawOverdue } from './engine/dispatch.js';
export type { Dispatch, RunningLimits } from './engine/dispatch.js';
export { cancelledError, RETRYABLE_CODES } from './engine/endings.js';
export { finishJob, publishedJob, releaseJob } from './engine/finish.js';
export { forgottenJobs, loseForgotten, recordHeartbeat } from './engine/heartbeat.js';
export type { HeartbeatSignals } from './engine/heartbeat.js';
export {
  closeEpochLog,
  endWorker,
  expiredJobs,
  expireJob,
  failOverdue,
  loseOrphan,
  orphanedJobs,
  overdueJobs,
  silentWorkers,
  unclosedLogs,
} from './engine/losses.js';
export type { LostEpoch, Orphan } from './engine/losses.js';
export { requestCancel, requestJob } from './engine/request.js';
export type { JobRequest, RequestedJob, WaitingLimits } from './engine/request.js';
export { registerWorker, requestDrain } from './workers.js';
export { toJobObject } from './objects.js';
export type { JobObject } from './objects.js';

// Its subjects
export { reserveArtifact } from './environment/artifacts.js';
export { ENVIRONMENT_VIEW, toEnvironmentObject } from './environment/view.js';
export type { EnvironmentObject, EnvironmentViewRow } from './environment/view.js';
export { COLLECTABLE_COPY, treeOf } from './store/copies.js';
export { storeRetention } from './store/reactor.js';
export { dueStoreWork, sweepRows } from './store/upkeep.js';
export type { DueWork, RowRetention, SweptRows, UpkeepIntervals } from './store/upkeep.js';

// What both stand on
export { LedgerError } from './errors.js';
export type { LedgerErrorCode } from './errors.js';
export type { AuditEntry } from './move.js';
export type { Requester } from './reactors.js';
export { cleanText, firstRow, json, rows } from './sql.js';
export type { Queryable } from './sql.js';
