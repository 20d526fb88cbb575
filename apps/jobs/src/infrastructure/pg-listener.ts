import { EVENTS_CHANNEL, EVENTS_NUMBERED_CHANNEL, JOBS_CHANNEL } from '@darb/models';
import { DatabaseConfig } from '@darb/service-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';

const CHANNELS = [JOBS_CHANNEL, EVENTS_CHANNEL, EVENTS_NUMBERED_CHANNEL] as const;
const RECONNECT_MS = 500;

export type WakeChannel = (typeof CHANNELS)[number];

/**
 * Hears NOTIFY on a connection of its own: a pooled one, or one through a pooler, would lose its LISTEN. Messages
 * only wake; after every reconnection everybody is woken, because some may have been missed.
 */
@Injectable()
export class PgListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly handlers = new Map<string, Set<() => void>>();
  private readonly logger = new Logger('PgListener');
  private client: pg.Client | null = null;
  private retry: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(@Inject(DatabaseConfig) private readonly config: DatabaseConfig) {}

  /** Calls `handler` at every wake-up of the channel; answers a function that stops that. */
  on(channel: WakeChannel, handler: () => void): () => void {
    const handlers = this.handlers.get(channel) ?? new Set();
    this.handlers.set(channel, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  onApplicationBootstrap(): void {
    void this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    if (this.retry) clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.databaseDsn,
      application_name: 'darb-jobs-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    this.client = client;
    client.on('notification', ({ channel }) => this.wake(channel));
    // 'end' follows every error of an open connection; an error without a listener would end the process.
    client.on('error', () => undefined);
    client.on('end', () => this.reconnectSoon(client));
    try {
      await client.connect();
      for (const channel of CHANNELS) await client.query(`LISTEN ${channel}`);
      for (const channel of CHANNELS) this.wake(channel);
    } catch (error) {
      this.logger.warn(`Can't listen to the database (${(error as Error).message}); polling goes on.`);
      await client.end().catch(() => undefined);
      this.reconnectSoon(client);
    }
  }

  private reconnectSoon(client: pg.Client): void {
    if (this.isClosed || this.client !== client) return;
    this.client = null;
    this.retry = setTimeout(() => void this.connect(), RECONNECT_MS);
  }

  private wake(channel: string): void {
    for (const handler of this.handlers.get(channel) ?? []) handler();
  }
}
