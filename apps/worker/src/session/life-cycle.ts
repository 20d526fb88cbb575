import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WorkerAgent } from './worker-agent.js';

/** Ties the agent to Nest's start and stop; health answers until the last job is dealt with. */
@Injectable()
export class LifeCycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(WorkerAgent) private readonly agent: WorkerAgent) {}

  onApplicationBootstrap(): void {
    this.agent.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.agent.stop();
  }
}
