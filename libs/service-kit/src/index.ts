export { AccessModule } from './access/access.module.js';
export { AccessTokenKeys } from './access/access-token-keys.js';
export type { Actor, WorkerIdentity } from './access/actor.js';
export { ActorReader } from './access/actor.reader.js';
export {
  CallingService,
  ClientAddress,
  CurrentActor,
  CurrentWorker,
  Internal,
  Public,
  RequirePermission,
} from './access/decorators.js';
export { unauthenticated } from './access/jwt.strategy.js';
export { authorize, can, visibleOrganizations } from './access/permissions.js';
export type { Permission, Resource } from './access/permissions.js';
export { tenantFilter } from './access/tenant-filter.js';
export type { SqlFragment } from './access/tenant-filter.js';
export { bootService } from './boot/boot-service.js';
export type { ServiceOptions } from './boot/service-app.js';
export { ServiceInfo } from './boot/service-info.js';
export { Shutdown } from './boot/shutdown.js';
export { ConfigDefault, configGroups, ConfigVariable, describeConfig } from './config/config-variable.js';
export type { ConfigField, ConfigVariableOptions } from './config/config-variable.js';
export {
  AuthUrlConfig,
  DatabaseConfig,
  JoinTokenConfig,
  RetentionConfig,
  SecretConfig,
  ServerConfig,
  ValkeyConfig,
  TreeRetentionConfig,
  WaitingLimitsConfig,
} from './config/groups.js';
export { ConfigError, parseConfig, unknownVariables } from './config/parse-config.js';
export { isStrongSecret, IsStrongSecret } from './config/strong-secret.js';
export { DatabaseModule, dataSourceOptions } from './database/database.module.js';
export { DatabaseCheck, HealthCheck, HealthDetails } from './health/health.js';
export { HealthModule } from './health/health.module.js';
export { IdPipe } from './http/id.pipe.js';
export { dependencyUnavailable, forbidden, notFound, Problem } from './http/problem.js';
export type { FieldError, ProblemOptions } from './http/problem.js';
export { toProblem } from './http/to-problem.js';
export { validationFailed } from './http/validation-failed.js';
export { Idempotency, Idempotent, sendAnswer } from './idempotency/idempotency.js';
export type { Answer, IdempotentRequest } from './idempotency/idempotency.js';
export { createLogger, redactUrls } from './logging/logger.js';
export { addLogFields, currentRequestId } from './logging/request-context.js';
export { Metrics } from './metrics/metrics.js';
export { writeOpenApi } from './openapi/write-openapi.js';
export { decodeCursor, encodeCursor, pageOf } from './paging/cursor.js';
export type { CursorKey } from './paging/cursor.js';
export { PageQuery } from './paging/page.query.js';
export { RetentionModule } from './retention/retention.module.js';
export type { RetentionOptions } from './retention/retention.module.js';
export { deletedRows, deleteRule, RetentionSweep } from './retention/retention-sweep.js';
export type { DeletedRows, RetentionRule } from './retention/retention-sweep.js';
export { createTestApp } from './testing/create-test-app.js';
export { forgedCursors, hostileRequests } from './testing/hostile-requests.js';
export type { HostileRequest } from './testing/hostile-requests.js';
export { TestIdentity } from './testing/test-identity.js';
export type { TestUser } from './testing/test-identity.js';
export { deriveKey } from './tokens/derive-key.js';
export {
  API_AUDIENCE,
  equalSecrets,
  ISSUER,
  signServiceToken,
  signWorkerToken,
  verifyServiceToken,
  verifyWorkerToken,
  WORKER_TOKEN_SECONDS,
} from './tokens/internal-tokens.js';
