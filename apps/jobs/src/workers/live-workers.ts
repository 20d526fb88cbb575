import { HealthDetails } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { WorkersRepository } from './workers.repository.js';

/** Tells in /health/ready how many workers there are; the sum of all services' health asks for one. */
@Injectable()
export class LiveWorkers extends HealthDetails {
  constructor(private readonly workers: WorkersRepository) {
    super();
  }

  async details(): Promise<Record<string, unknown>> {
    return { workers: { live: await this.workers.countLive() } };
  }
}
