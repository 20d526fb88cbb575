import { EVENTS_CHANNEL } from '@darb/models';
import { Shutdown } from '@darb/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Bell } from '../infrastructure/bell.js';
import { PgListener } from '../infrastructure/pg-listener.js';
import { EventsRepository } from './events.repository.js';

const BATCH = 1_000;
/** NOTIFY only wakes, and one may be lost. */
const LOOK_EVERY_MS = 1_000;

/**
 * Gives committed events their positions, in every replica; a lock in the database lets one at a time do it. Whoever
 * finds the lock taken need not come back: the holder heard the same wake-up and looks once more.
 */
@Injectable()
export class EventSequencer implements OnApplicationBootstrap {
  private readonly logger = new Logger('EventSequencer');
  private readonly bell = new Bell();

  constructor(
    private readonly events: EventsRepository,
    private readonly listener: PgListener,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.listener.on(EVENTS_CHANNEL, this.bell.ring);
    void this.run();
  }

  private async run(): Promise<void> {
    const { signal } = this.shutdown;
    while (!signal.aborted) {
      try {
        if ((await this.events.number(BATCH)) === BATCH) continue;
      } catch (error) {
        this.logger.warn(`Can't number events (${(error as Error).message}); trying again.`);
      }
      await this.bell.wait(LOOK_EVERY_MS, signal);
    }
  }
}
