/**
 * What a process without a database and without users needs (the gateway, a worker): settings, problems, logs, metrics.
 * A door of its own, so that importing it does not load TypeORM, passport and Swagger.
 */
export { ServiceInfo } from './boot/service-info.js';
export { configGroups, ConfigDefault, ConfigVariable, describeConfig } from './config/config-variable.js';
export { AuthUrlConfig, JoinTokenConfig, ServerConfig, ValkeyConfig } from './config/groups.js';
export { ConfigError, parseConfig, unknownVariables } from './config/parse-config.js';
export { Problem } from './http/problem.js';
export { ProblemFilter } from './http/problem.filter.js';
export { registerAccessLog } from './logging/access-log.js';
export { createLogger, DarbLogger } from './logging/logger.js';
export { currentRequestId } from './logging/request-context.js';
export { Metrics } from './metrics/metrics.js';
