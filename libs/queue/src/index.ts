export { CancelChannel } from './cancel-channel.js';
export {
  connectValkey,
  valkeyOptionsFromConfig,
  type ConnectOptions,
  type ValkeySettings,
} from './connection.js';
export { LogFollower, LogTailReader } from './log-tail-reader.js';
export { LogTail } from './log-tail.js';
export { DEFAULT_QUEUE_PREFIX, deliveryEntryId, workerQueueName, type Delivery } from './names.js';
