import { Shutdown } from '@darb/service-kit';
import type { OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthConfig } from '../config.js';
import { SigningKeys, UnreadableKeyError } from '../keys/signing-keys.service.js';
import { PasswordHasher } from '../passwords/password.hasher.js';
import { UsersRepository } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';

const RETRY_MS = 1_000;

/** What has to be in the database before anyone can sign in: the signing key and the first admin. */
@Injectable()
export class StartService implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger('Start');
  private failure: string | null = 'still starting';

  constructor(
    private readonly config: AuthConfig,
    private readonly keys: SigningKeys,
    private readonly users: UsersRepository,
    private readonly usersService: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly shutdown: Shutdown,
  ) {}

  /** A wrong secret stops the start; a database that is not migrated yet is waited for. */
  async onModuleInit(): Promise<void> {
    await this.attempt();
  }

  onApplicationBootstrap(): void {
    void this.retryUntilDone();
  }

  /** Null when done, else why not yet. */
  get problem(): string | null {
    return this.failure;
  }

  private async attempt(): Promise<void> {
    try {
      await this.keys.current();
      await this.createFirstAdmin();
      this.failure = null;
    } catch (error) {
      if (error instanceof UnreadableKeyError) throw error;
      if (this.failure !== (error as Error).message)
        this.logger.warn(`Not ready yet: ${(error as Error).message}`);
      this.failure = (error as Error).message;
    }
  }

  private async retryUntilDone(): Promise<void> {
    const { signal } = this.shutdown;
    while (this.failure !== null && !signal.aborted) {
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.attempt();
    }
  }

  /** Only where there is no user at all: whoever disabled or renamed the admin meant it. */
  private async createFirstAdmin(): Promise<void> {
    const { adminUsername: username, adminPassword } = this.config;
    if (!adminPassword || (await this.users.transaction((manager) => this.users.hasUsers(manager)))) return;
    const passwordHash = await this.hasher.hash(adminPassword);
    const isCreated = await this.users.transaction(async (manager) => {
      await this.users.lockFirstUser(manager);
      if (await this.users.hasUsers(manager)) return false;
      await this.usersService.insert(
        manager,
        { username, email: null, passwordHash, role: 'admin' },
        { actor: null, address: null },
      );
      return true;
    });
    if (isCreated) this.logger.log(`Created the first admin "${username}"`);
  }
}
