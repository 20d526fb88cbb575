import { LEASE_SECONDS } from '@darb/models';
import { Injectable } from '@nestjs/common';

/** Longer than this between two signs of life of our own, and heartbeats may have been missed. */
const LARGEST_GAP_MS = 3_000;

/**
 * Knows since when this process could record heartbeats without a break. A worker's silence says nothing when
 * jobs was just started, stood still, or had no database: the worker may have tried all the time.
 */
@Injectable()
export class HeartbeatWatch {
  private since: number;
  private lastSign: number;

  constructor() {
    this.since = this.lastSign = performance.now();
  }

  /** Called every second, right after the database answered. */
  noteSign(now = performance.now()): void {
    if (now - this.lastSign > LARGEST_GAP_MS) this.since = now;
    this.lastSign = now;
  }

  /** Whether a whole lease has passed in which a living worker would have been heard. */
  mayJudge(now = performance.now()): boolean {
    return now - this.lastSign <= LARGEST_GAP_MS && now - this.since >= LEASE_SECONDS * 1_000;
  }
}
