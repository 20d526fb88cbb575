import type { DynamicModule, FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { ServiceInfo } from '../boot/service-info.js';
import { RetentionConfig } from '../config/groups.js';
import type { RetentionRule } from './retention-sweep.js';
import { deleteRule, RETENTION_RULES, RetentionSweep } from './retention-sweep.js';

export interface RetentionOptions {
  imports?: ModuleMetadata['imports'];
  /** What `rules` gets, for example the service's settings. */
  inject?: FactoryProvider['inject'];
  // oxlint-disable-next-line typescript/no-explicit-any -- Nest gives it what `inject` names
  rules?: (...dependencies: any[]) => RetentionRule[];
}

/** Sweeps the service's idempotency keys, and what its rules name. Needs DatabaseModule and RetentionConfig. */
@Module({})
export class RetentionModule {
  static forRoot(options: RetentionOptions = {}): DynamicModule {
    const rules: FactoryProvider<RetentionRule[]> = {
      provide: RETENTION_RULES,
      inject: [ServiceInfo, RetentionConfig, ...(options.inject ?? [])],
      useFactory: (service: ServiceInfo, config: RetentionConfig, ...dependencies: unknown[]) => [
        ...(options.rules?.(...dependencies) ?? []),
        idempotencyKeys(service, config),
      ],
    };
    return {
      module: RetentionModule,
      imports: options.imports ?? [],
      providers: [rules, RetentionSweep],
      exports: [RetentionSweep],
    };
  }
}

function idempotencyKeys(service: ServiceInfo, config: RetentionConfig): RetentionRule {
  const table = `${service.name}.idempotency_keys`;
  return deleteRule(
    'idempotency_keys',
    `DELETE FROM ${table} WHERE (actor_id, key) IN (
       SELECT actor_id, key FROM ${table} WHERE created_at < now() - make_interval(hours => $2)
        ORDER BY created_at LIMIT $1)`,
    [config.retainedIdempotencyHours],
  );
}
