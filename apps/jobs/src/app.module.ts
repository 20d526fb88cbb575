import {
  AccessModule,
  DatabaseCheck,
  DatabaseModule,
  HealthModule,
  RetentionModule,
} from '@darb/service-kit';
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { JobsConfig } from './config.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { DispatchRepository } from './dispatch/dispatch.repository.js';
import { HeartbeatWatch } from './dispatch/heartbeat-watch.js';
import { Reconciler } from './dispatch/reconciler.js';
import { Upkeep } from './dispatch/upkeep.js';
import { WorkerQueues } from './dispatch/worker-queues.js';
import { EventFeed } from './events/event-feed.js';
import { EventSequencer } from './events/event-sequencer.js';
import { EventsController } from './events/events.controller.js';
import { EventsRepository } from './events/events.repository.js';
import { EventsService } from './events/events.service.js';
import { LedgerErrorInterceptor } from './infrastructure/ledger-error.interceptor.js';
import { PgListener } from './infrastructure/pg-listener.js';
import { Valkey } from './infrastructure/valkey.js';
import { ValkeyModule } from './infrastructure/valkey.module.js';
import { InternalJobsController } from './internal/internal-jobs.controller.js';
import { InternalJobsRepository } from './internal/internal-jobs.repository.js';
import { InternalJobsService } from './internal/internal-jobs.service.js';
import { CancelRelay } from './jobs/cancel-relay.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsRepository } from './jobs/jobs.repository.js';
import { JobsService } from './jobs/jobs.service.js';
import { LogReader } from './logs/log-reader.js';
import { removalOfOldLogs } from './logs/log-removal.js';
import { LogStreamer } from './logs/log-streamer.js';
import { LogWriter } from './logs/log-writer.js';
import { LogsController } from './logs/logs.controller.js';
import { LogsRepository } from './logs/logs.repository.js';
import { LogsService } from './logs/logs.service.js';
import { StoredLog } from './logs/stored-log.js';
import { JobsMetrics } from './metrics/jobs-metrics.js';
import { QueueController } from './queue/queue.controller.js';
import { QueueRepository } from './queue/queue.repository.js';
import { QueueService } from './queue/queue.service.js';
import { StreamKeeper } from './streams/stream-keeper.js';
import { LiveWorkers } from './workers/live-workers.js';
import { WorkersModule } from './workers/workers.module.js';

@Module({
  imports: [
    DatabaseModule.forRoot(),
    AccessModule.forRoot(),
    ValkeyModule,
    BullModule.forRootAsync({
      inject: [Valkey],
      useFactory: (valkey: Valkey) => ({
        connection: valkey.connection,
        prefix: valkey.prefix,
        // Nobody looks at finished entries: Postgres knows what became of the job. Retries are Darb's own.
        defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
      }),
    }),
    WorkersModule,
    RetentionModule.forRoot({
      inject: [JobsConfig],
      rules: (config: JobsConfig) => [removalOfOldLogs(config.logRetentionSeconds)],
    }),
    HealthModule.forRoot({ imports: [WorkersModule], checks: [DatabaseCheck], details: [LiveWorkers] }),
  ],
  controllers: [JobsController, LogsController, EventsController, QueueController, InternalJobsController],
  providers: [
    { provide: APP_INTERCEPTOR, useClass: LedgerErrorInterceptor },
    // Connections and what they wake
    PgListener,
    CancelRelay,
    StreamKeeper,
    JobsMetrics,
    // What people ask
    JobsService,
    JobsRepository,
    LogsService,
    LogsRepository,
    StoredLog,
    LogReader,
    LogStreamer,
    LogWriter,
    EventsService,
    EventsRepository,
    EventFeed,
    EventSequencer,
    QueueService,
    QueueRepository,
    // What workers report
    InternalJobsService,
    InternalJobsRepository,
    // What goes on by itself
    Dispatcher,
    DispatchRepository,
    WorkerQueues,
    HeartbeatWatch,
    Reconciler,
    Upkeep,
  ],
})
export class AppModule {}
