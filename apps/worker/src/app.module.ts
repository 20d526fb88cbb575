import { CancelChannel, connectValkey, LogTail, valkeyOptionsFromConfig } from '@darb/queue';
import { DarbLogger, Metrics, ServiceInfo } from '@darb/service-kit/edge';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { Redis, RedisOptions } from 'ioredis';
import { WorkerConfig } from './config.js';
import { HealthController } from './health/health.controller.js';
import { JobsClient } from './jobs/jobs.client.js';
import { Machine } from './machine/machine.js';
import { registrationOf } from './machine/registration-of.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { WorkerMetrics } from './metrics/worker-metrics.js';
import { ActiveRuns } from './runs/active-runs.js';
import { RunFactory } from './runs/run-factory.js';
import { LifeCycle } from './session/life-cycle.js';
import { WorkerAgent } from './session/worker-agent.js';
import { WorkerRecords } from './store/worker-records.js';

const VALKEY_OPTIONS = Symbol('valkey-options');
/** Fails fast: whoever uses it has another way. The queue has connections of its own. */
const VALKEY = Symbol('valkey');

@Module({})
export class AppModule {
  static forWorker(config: WorkerConfig, machine: Machine, logger: DarbLogger): DynamicModule {
    return {
      module: AppModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: WorkerConfig, useValue: config },
        { provide: Machine, useValue: machine },
        { provide: DarbLogger, useValue: logger },
        { provide: ServiceInfo, useValue: new ServiceInfo('worker') },
        Metrics,
        ActiveRuns,
        LifeCycle,
        ...valkeyProviders(),
        ...workProviders(),
      ],
    };
  }
}

function valkeyProviders(): Provider[] {
  return [
    {
      provide: VALKEY_OPTIONS,
      inject: [WorkerConfig],
      useFactory: (config: WorkerConfig): RedisOptions =>
        valkeyOptionsFromConfig({
          addr: config.queueValkeyAddr,
          password: config.queueValkeyPassword,
          tls: config.queueValkeyTls,
        }),
    },
    {
      provide: VALKEY,
      inject: [VALKEY_OPTIONS],
      useFactory: (options: RedisOptions): Redis => connectValkey(options, { patience: 'fail-fast' }),
    },
    {
      provide: LogTail,
      inject: [VALKEY, WorkerConfig],
      useFactory: (redis: Redis, config: WorkerConfig) => new LogTail(redis, config.queuePrefix),
    },
    {
      provide: CancelChannel,
      inject: [VALKEY, WorkerConfig],
      useFactory: (redis: Redis, config: WorkerConfig) => new CancelChannel(redis, config.queuePrefix),
    },
  ];
}

function workProviders(): Provider[] {
  return [
    {
      provide: JobsClient,
      inject: [WorkerConfig],
      useFactory: (config: WorkerConfig) => new JobsClient(config.jobsUrl),
    },
    {
      provide: WorkerRecords,
      inject: [Machine],
      useFactory: (machine: Machine) => new WorkerRecords(machine.store, machine.markPrefix),
    },
    {
      provide: WorkerMetrics,
      inject: [Metrics, WorkerConfig],
      useFactory: (metrics: Metrics, config: WorkerConfig) => new WorkerMetrics(metrics, config.concurrency),
    },
    {
      provide: RunFactory,
      inject: [Machine, JobsClient, WorkerRecords, LogTail, WorkerMetrics, WorkerConfig, DarbLogger],
      useFactory: (
        machine: Machine,
        jobs: JobsClient,
        records: WorkerRecords,
        tail: LogTail,
        metrics: WorkerMetrics,
        config: WorkerConfig,
        logger: DarbLogger,
      ) => new RunFactory(machine, jobs, records, tail, metrics, config.storageFreeBytes, logger),
    },
    {
      provide: WorkerAgent,
      inject: [
        WorkerConfig,
        VALKEY_OPTIONS,
        Machine,
        JobsClient,
        ActiveRuns,
        RunFactory,
        WorkerRecords,
        Machine,
        CancelChannel,
        DarbLogger,
      ],
      useFactory: (config: WorkerConfig, connection: RedisOptions, machine: Machine, ...parts: AgentParts) =>
        new WorkerAgent(
          {
            joinToken: config.workerJoinToken,
            slots: config.concurrency,
            graceSeconds: config.graceSeconds,
            queue: { connection, prefix: config.queuePrefix },
            registration: registrationOf(config, machine),
          },
          ...parts,
        ),
    },
  ];
}

type AgentParts = [JobsClient, ActiveRuns, RunFactory, WorkerRecords, Machine, CancelChannel, DarbLogger];
