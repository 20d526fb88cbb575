import type { Actor } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { QueueDto } from './queue.dto.js';
import { QueueRepository } from './queue.repository.js';

@Injectable()
export class QueueService {
  constructor(private readonly queue: QueueRepository) {}

  async summarize(actor: Actor): Promise<QueueDto> {
    const [groups, room] = await Promise.all([this.queue.activeJobs(actor), this.queue.slots()]);
    const pending = groups.filter((group) => group.status === 'pending');
    const running = groups.filter((group) => group.status === 'running');
    const sum = (some: typeof groups) => some.reduce((total, group) => total + group.jobs, 0);
    return {
      pending: sum(pending),
      running: sum(running),
      oldest_pending_seconds:
        pending.length === 0 ? null : Math.round(Math.max(...pending.map((group) => group.oldest_seconds))),
      waiting: pending.map(({ waiting_for, jobs }) => ({ waiting_for, jobs })),
      slots: room.slots,
      slots_used: room.used,
    };
  }
}
