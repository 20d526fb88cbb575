import { HealthCheck, HealthDetails } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import { UsersRepository } from '../users/users.repository.js';
import { StartService } from './start.service.js';

/** Ready only when tokens can be signed. */
@Injectable()
export class StartCheck extends HealthCheck {
  readonly name = 'signing_key';

  constructor(private readonly start: StartService) {
    super();
  }

  async check(): Promise<void> {
    if (this.start.problem) throw new Error(this.start.problem);
  }
}

/** `admin_exists`: the gateway's health wants to know whether anyone can administer this Darb. */
@Injectable()
export class AdminDetails extends HealthDetails {
  constructor(private readonly users: UsersRepository) {
    super();
  }

  async details(): Promise<{ admin_exists: boolean }> {
    return { admin_exists: await this.users.hasAdmin() };
  }
}
