import { Redis, type RedisOptions } from 'ioredis';

/** Where Valkey is, as the configuration gives it. */
export interface ValkeySettings {
  /** `host:port`, or `[v6 address]:port`. */
  addr: string;
  password?: string | null | undefined;
  tls?: boolean | undefined;
}

export interface ConnectOptions {
  /**
   * `fail-fast`: a command fails while Valkey is away, for callers that have another way (Postgres is the truth).
   * `forever`: commands wait for Valkey to come back; blocking readers and BullMQ workers need this.
   */
  patience?: 'fail-fast' | 'forever';
  /** Told about every connection error; reconnecting goes on by itself. */
  onError?: (error: Error) => void;
}

const RECONNECT_CEILING_MS = 1_000;
const COMMAND_TIMEOUT_MS = 2_000;

/** Turns the settings into ioredis options. Throws a sentence when the address is not `host:port`. */
export function valkeyOptionsFromConfig(settings: ValkeySettings): RedisOptions {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(settings.addr);
  const port = Number(match?.[3]);
  if (!match || port < 1 || port > 65_535) {
    throw new Error(
      `The Valkey address must be host:port, for example 127.0.0.1:6379; it is "${settings.addr}".`,
    );
  }
  const host = match[1] ?? match[2]!;
  return {
    host,
    port,
    ...(settings.password ? { password: settings.password } : {}),
    ...(settings.tls ? { tls: { servername: host } } : {}),
  };
}

/** Opens a connection that reconnects for ever; `patience` decides what a command does meanwhile. */
export function connectValkey(
  options: RedisOptions,
  { patience = 'forever', onError }: ConnectOptions = {},
): Redis {
  const redis = new Redis({
    ...options,
    retryStrategy: (times) => Math.min(times * 50, RECONNECT_CEILING_MS),
    ...(patience === 'forever'
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS }),
  });
  // ioredis prints unheard errors to the console; reconnecting does not depend on anyone listening.
  redis.on('error', onError ?? (() => undefined));
  return redis;
}
