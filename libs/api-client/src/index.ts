export {
  createAuthClient,
  createEnvironmentsClient,
  createJobsClient,
  type ApiClientOptions,
  type AuthClient,
  type EnvironmentsClient,
  type JobsClient,
} from './clients.js';
export { streamEvents, StreamError, type ServerEvent, type StreamOptions } from './event-stream.js';
export type { components as AuthComponents } from './generated/auth.generated.js';
export type { components as EnvironmentsComponents } from './generated/environments.generated.js';
export type { components as JobsComponents } from './generated/jobs.generated.js';
export { API_PREFIX, isPlainPath, isPrivatePath, serviceOfPath, type Service } from './routes.js';
