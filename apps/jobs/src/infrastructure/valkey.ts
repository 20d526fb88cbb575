import { ValkeyConfig } from '@darb/service-kit';
import { CancelChannel, connectValkey, LogTail, LogTailReader, valkeyOptionsFromConfig } from '@darb/queue';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';

/**
 * This process's one connection for commands, and what is built on it. Commands fail while Valkey is away: jobs
 * always has another way, because Postgres is the truth.
 */
@Injectable()
export class Valkey implements OnApplicationShutdown {
  readonly connection: Redis;
  readonly prefix: string;
  readonly tail: LogTail;
  readonly tailReader: LogTailReader;
  readonly cancels: CancelChannel;
  private readonly logger = new Logger('Valkey');
  private isAway = false;

  constructor(@Inject(ValkeyConfig) config: ValkeyConfig) {
    this.prefix = config.queuePrefix;
    const options = valkeyOptionsFromConfig({
      addr: config.queueValkeyAddr,
      password: config.queueValkeyPassword,
      tls: config.queueValkeyTls,
    });
    this.connection = connectValkey(options, {
      patience: 'fail-fast',
      onError: (error) => this.noteAway(error),
    });
    this.connection.on('ready', () => this.noteBack());
    this.tail = new LogTail(this.connection, this.prefix);
    this.tailReader = new LogTailReader(this.connection, this.prefix);
    this.cancels = new CancelChannel(this.connection, this.prefix);
  }

  async ping(): Promise<void> {
    await this.connection.ping();
  }

  onApplicationShutdown(): void {
    this.tailReader.close();
    this.connection.disconnect();
  }

  /** One line for each outage, however often the reconnection fails. */
  private noteAway(error: Error): void {
    if (this.isAway) return;
    this.isAway = true;
    this.logger.warn(`Valkey can't be reached (${error.message}); jobs and logs go on more slowly.`);
  }

  private noteBack(): void {
    if (this.isAway) this.logger.log('Valkey is back.');
    this.isAway = false;
  }
}
