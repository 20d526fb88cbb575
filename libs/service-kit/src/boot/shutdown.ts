import type { BeforeApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { Injectable } from '@nestjs/common';

/** Tells long-lived work (streams, loops) that the process is stopping: `signal` aborts at SIGTERM. */
@Injectable()
export class Shutdown implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  get isStopping(): boolean {
    return this.signal.aborted;
  }

  onModuleDestroy(): void {
    this.controller.abort();
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }
}
