import { Injectable, Inject } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Something that a service can't work without. `check` rejects with a sentence when it is away. */
export abstract class HealthCheck {
  abstract readonly name: string;
  abstract check(): Promise<void>;
}

/** Further members of the body of /health/ready; they never make a service unready. */
export abstract class HealthDetails {
  abstract details(): Promise<Record<string, unknown>>;
}

/** The database answers and has been migrated. */
@Injectable()
export class DatabaseCheck extends HealthCheck {
  readonly name = 'database';
  private isMigrated = false;

  constructor(@Inject(DataSource) private readonly database: DataSource) {
    super();
  }

  async check(): Promise<void> {
    if (this.isMigrated) {
      await this.database.query('SELECT 1');
      return;
    }
    const [row] = await this.database.query<{ exists: boolean }[]>(
      `SELECT to_regclass('auth.users') IS NOT NULL AS exists`,
    );
    if (!row?.exists) throw new Error('the database has no tables yet: run the migrate entry point');
    this.isMigrated = true;
  }
}
