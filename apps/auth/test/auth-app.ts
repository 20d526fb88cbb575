import { createTestApp, signServiceToken } from '@darb/service-kit';
import { createTestDatabase } from '@darb/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppModule } from '../src/app.module.js';
import { AuthConfig } from '../src/config.js';

export const SECRET = 'k3J9x0PqLm27vWz8RtYb41NcHd65SgFa';
export const ADMIN_PASSWORD = 'correct horse battery';

export function startAuth(
  dsn: string,
  environment: Record<string, string> = {},
): Promise<NestFastifyApplication> {
  return createTestApp({
    service: 'auth',
    module: AppModule,
    configClass: AuthConfig,
    environment: {
      DARB_DATABASE_DSN: dsn,
      DARB_AUTH_JWT_SECRET: SECRET,
      DARB_LOG_LEVEL: 'silent',
      ...environment,
    },
  });
}

/** The service on a database of its own with an admin, and what a client of it does. */
export class AuthHarness {
  constructor(
    readonly app: NestFastifyApplication,
    readonly dsn: string,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<AuthHarness> {
    const database = await createTestDatabase();
    const app = await startAuth(database.dsn, { DARB_ADMIN_PASSWORD: ADMIN_PASSWORD, ...environment });
    return new AuthHarness(app, database.dsn, database.drop);
  }

  get sql(): DataSource {
    return this.app.get(DataSource);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.drop();
  }

  async call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    options: { body?: object; token?: string; headers?: Record<string, string>; address?: string } = {},
  ) {
    const answer = await this.app.inject({
      method,
      url,
      ...(options.body ? { payload: options.body } : {}),
      ...(options.address ? { remoteAddress: options.address } : {}),
      headers: {
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...options.headers,
      },
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any answer
      body: (answer.body ? answer.json() : null) as any,
    };
  }

  login(username: string, password: string, address?: string) {
    return this.call('POST', '/api/v1/auth/login', {
      body: { username, password },
      ...(address ? { address } : {}),
    });
  }

  refresh(refresh_token: string) {
    return this.call('POST', '/api/v1/auth/refresh', { body: { refresh_token } });
  }

  async adminToken(): Promise<string> {
    return (await this.login('admin', ADMIN_PASSWORD)).body.token as string;
  }

  async createUser(username: string, password = `${username}-password`) {
    const token = await this.adminToken();
    const answer = await this.call('POST', '/api/v1/users', { body: { username, password }, token });
    return { id: answer.body.id as string, username, password };
  }

  async asService(method: 'POST' | 'DELETE', url: string, body?: object) {
    return this.call(method, url, {
      ...(body ? { body } : {}),
      token: await signServiceToken(SECRET, 'dashboard'),
    });
  }

  async auditActions(resourceId: string): Promise<string[]> {
    const rows = await this.sql.query<{ action: string; outcome: string }[]>(
      'SELECT action, outcome FROM auth.audit_events WHERE resource_id = $1 ORDER BY time, id',
      [resourceId],
    );
    return rows.map(({ action, outcome }) => (outcome === 'succeeded' ? action : `${action} ${outcome}`));
  }
}
