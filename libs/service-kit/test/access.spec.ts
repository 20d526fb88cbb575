import { createTestDatabase, faultProxy, waitFor } from '@darb/testing';
import type { FaultProxy, TestDatabase } from '@darb/testing';
import { Controller, Get, HttpCode, Inject, Module, Post, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, Answer, IdempotentRequest, WorkerIdentity } from '../src/index.js';
import {
  AccessModule,
  AuthUrlConfig,
  CallingService,
  configGroups,
  createTestApp,
  CurrentActor,
  CurrentWorker,
  DatabaseCheck,
  DatabaseConfig,
  DatabaseModule,
  HealthModule,
  Idempotency,
  Idempotent,
  Internal,
  JoinTokenConfig,
  Problem,
  RequirePermission,
  SecretConfig,
  sendAnswer,
  ServerConfig,
  signServiceToken,
  signWorkerToken,
  TestIdentity,
} from '../src/index.js';
import type { TestUser } from '../src/testing/test-identity.js';

const SECRET = 'k3J9x0PqLm27vWz8RtYb41NcHd65SgFa';
const JOIN_TOKEN = 'join-3x9QfZ72LmPw';

@Controller()
class SampleController {
  static runs = 0;
  static refuse = false;
  static wait: Promise<void> | null = null;
  static started: (() => void) | null = null;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Idempotency) private readonly idempotency: Idempotency,
  ) {}

  @RequirePermission('self')
  @Get('self')
  self(@CurrentActor() actor: Actor): Actor {
    return actor;
  }

  @RequirePermission('users:read')
  @Get('admins')
  admins(): object {
    return {};
  }

  @RequirePermission('self')
  @Post('things')
  async create(
    @Idempotent() idempotent: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const answer = await this.database.transaction((manager) =>
      this.idempotency.run(manager, idempotent, () => this.work()),
    );
    return sendAnswer(reply, answer);
  }

  @Internal('worker')
  @Get('internal/worker')
  worker(@CurrentWorker() worker: WorkerIdentity): WorkerIdentity {
    return worker;
  }

  @Internal('service')
  @Get('internal/service')
  service(@CallingService() service: string): object {
    return { service };
  }

  @Internal('join')
  @HttpCode(204)
  @Post('internal/join')
  join(): void {}

  private async work(): Promise<Answer<object>> {
    SampleController.started?.();
    await SampleController.wait;
    if (SampleController.refuse) throw new Problem(409, 'refused', 'Not now.');
    SampleController.runs += 1;
    return { status: 201, body: { run: SampleController.runs }, headers: { location: '/things/1' } };
  }
}

@Module({
  imports: [
    DatabaseModule.forRoot(),
    AccessModule.forRoot(),
    HealthModule.forRoot({ checks: [DatabaseCheck] }),
  ],
  controllers: [SampleController],
})
class SampleModule {}

class SampleConfig extends configGroups(
  ServerConfig,
  DatabaseConfig,
  SecretConfig,
  AuthUrlConfig,
  JoinTokenConfig,
) {}

describe('the access guard', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let identity: TestIdentity;
  let app: NestFastifyApplication;
  let sql: DataSource;
  let ann: TestUser;
  let root: TestUser;

  beforeAll(async () => {
    database = await createTestDatabase();
    const url = new URL(database.dsn);
    proxy = await faultProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    identity = await TestIdentity.start();
    app = await createTestApp({
      service: 'jobs',
      module: SampleModule,
      configClass: SampleConfig,
      environment: {
        DARB_DATABASE_DSN: url.href,
        DARB_AUTH_JWT_SECRET: SECRET,
        DARB_AUTH_URL: identity.url,
        DARB_WORKER_JOIN_TOKEN: JOIN_TOKEN,
        DARB_DATABASE_TIMEOUT_SECONDS: '1',
        DARB_LOG_LEVEL: 'silent',
      },
    });
    sql = app.get(DataSource);
    // This service's own table has its schema; the sample pretends to be jobs.
    await sql.query(
      `CREATE TABLE IF NOT EXISTS jobs.idempotency_keys (LIKE auth.idempotency_keys INCLUDING ALL)`,
    );
    ann = await identity.createUser(sql, 'ann');
    root = await identity.createUser(sql, 'root', 'admin');
  });

  afterAll(async () => {
    await app.close();
    await proxy.close();
    await identity.stop();
    await database.drop();
  });

  const get = (url: string, authorization?: string) =>
    app.inject({ url, headers: authorization ? { authorization } : {} });

  it('identifies the actor with role and organizations', async () => {
    const answer = await get('/api/v1/self', ann.authorization);
    expect(answer.json()).toEqual({
      userId: ann.userId,
      username: 'ann',
      role: 'user',
      sessionId: ann.sessionId,
      organizations: [{ id: ann.organizationId, role: 'owner' }],
      personalOrganizationId: ann.organizationId,
    });
  });

  it('gives each of many requests at once its own actor', async () => {
    const users = await Promise.all(
      Array.from({ length: 20 }, (_, index) => identity.createUser(sql, `many-${index}`)),
    );
    const asked = Array.from({ length: 10 }, () => users).flat();
    const answers = await Promise.all(
      asked.map(({ authorization }, index) =>
        get('/api/v1/self', index % 7 === 0 ? `${authorization}x` : authorization),
      ),
    );
    answers.forEach((answer, index) => {
      if (index % 7 === 0) expect(answer.statusCode).toBe(401);
      else expect(answer.json().userId).toBe(asked[index]?.userId);
    });
  });

  it('answers 401 with a code that says why', async () => {
    const stranger = await TestIdentity.start();
    const cases: [string | undefined, string][] = [
      [undefined, 'unauthenticated'],
      ['Bearer junk', 'token_invalid'],
      ['Basic YTpi', 'token_invalid'],
      [`Bearer ${await stranger.sign(ann.userId, ann.sessionId)}`, 'token_invalid'],
      [`Bearer ${await identity.sign(ann.userId, ann.sessionId, '-1 minute')}`, 'token_expired'],
      [`Bearer ${await identity.sign(ann.userId, root.sessionId)}`, 'session_ended'],
      [`Bearer ${await identity.sign('nobody', 'nothing')}`, 'session_ended'],
      // Signed for services, not for the API.
      [`Bearer ${await signServiceToken(SECRET, 'dashboard')}`, 'token_invalid'],
    ];
    for (const [authorization, code] of cases) {
      const answer = await get('/api/v1/self', authorization);
      expect([answer.statusCode, answer.json().code]).toEqual([401, code]);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
    await stranger.stop();
  });

  it('asks for the permission of the route', async () => {
    expect((await get('/api/v1/admins', ann.authorization)).statusCode).toBe(403);
    expect((await get('/api/v1/admins', root.authorization)).statusCode).toBe(200);
  });

  it('stops a disabled user and an ended session within a second or so', async () => {
    const bob = await identity.createUser(sql, 'bob');
    const eve = await identity.createUser(sql, 'eve');
    expect((await get('/api/v1/self', bob.authorization)).statusCode).toBe(200);
    expect((await get('/api/v1/self', eve.authorization)).statusCode).toBe(200);
    await sql.query('UPDATE auth.users SET disabled = true WHERE id = $1', [bob.userId]);
    await sql.query('UPDATE auth.sessions SET revoked_at = now() WHERE id = $1', [eve.sessionId]);
    for (const { authorization } of [bob, eve]) {
      await waitFor(async () => (await get('/api/v1/self', authorization)).statusCode === 401, {
        timeoutMs: 5_000,
      });
    }
  });

  it('admits to internal routes only the caller they name', async () => {
    const bearer = async (token: Promise<string> | string) => `Bearer ${await token}`;
    const worker = await bearer(signWorkerToken(SECRET, 'worker-1'));
    const service = await bearer(signServiceToken(SECRET, 'dashboard'));
    expect((await get('/internal/worker', worker)).json()).toEqual({ workerId: 'worker-1' });
    expect((await get('/internal/service', service)).json()).toEqual({ service: 'dashboard' });
    const join = (authorization: string) =>
      app.inject({ method: 'POST', url: '/internal/join', headers: { authorization } });
    expect((await join(await bearer(JOIN_TOKEN))).statusCode).toBe(204);
    for (const refused of [
      get('/internal/worker', service),
      get('/internal/service', worker),
      get('/internal/service', root.authorization),
      get('/internal/worker', `Bearer ${JOIN_TOKEN}`),
      join(worker),
      join('Bearer join'),
    ]) {
      expect((await refused).statusCode).toBe(401);
    }
  });

  describe('with an Idempotency-Key', () => {
    beforeEach(() => {
      SampleController.runs = 0;
      SampleController.refuse = false;
    });
    const post = (key: string, payload: object = {}, user = ann) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/things',
        payload,
        headers: { authorization: user.authorization, 'idempotency-key': key },
      });

    it('does the work once and repeats the answer', async () => {
      const first = await post('once');
      const second = await post('once');
      expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
      expect(second.json()).toEqual(first.json());
      expect(second.headers['location']).toBe('/things/1');
      expect(SampleController.runs).toBe(1);
    });

    it('refuses another body, and knows users apart', async () => {
      await post('shared', { a: 1 });
      expect((await post('shared', { a: 2 })).json().code).toBe('idempotency_key_reused');
      expect((await post('shared', { a: 1 }, root)).statusCode).toBe(201);
      expect((await post('with space')).json().code).toBe('bad_idempotency_key');
    });

    it('keeps no refusal', async () => {
      SampleController.refuse = true;
      expect((await post('again')).statusCode).toBe(409);
      SampleController.refuse = false;
      expect((await post('again')).statusCode).toBe(201);
    });

    it('answers 409 while the first one runs', async () => {
      let finish = () => {};
      SampleController.wait = new Promise((resolve) => (finish = resolve));
      const started = new Promise<void>((resolve) => (SampleController.started = resolve));
      const first = post('slow');
      await started;
      SampleController.wait = null;
      SampleController.started = null;
      const second = await post('slow');
      finish();
      expect(second.json().code).toBe('idempotency_in_progress');
      expect((await first).statusCode).toBe(201);
    });
  });

  it('answers 503 while the database is away, and works again by itself', async () => {
    proxy.cut();
    await waitFor(async () => (await get('/api/v1/self', ann.authorization)).statusCode === 503, {
      timeoutMs: 10_000,
    });
    const answer = await get('/api/v1/self', ann.authorization);
    expect(answer.json()).toMatchObject({ code: 'dependency_unavailable', dependency: 'database' });
    expect(answer.headers['retry-after']).toBeDefined();
    expect((await get('/health')).statusCode).toBe(200);
    expect((await get('/health/ready')).statusCode).toBe(503);
    proxy.restore();
    await waitFor(async () => (await get('/api/v1/self', ann.authorization)).statusCode === 200, {
      timeoutMs: 10_000,
    });
  });

  it('answers 503 in time while the database is frozen, also for many, and nobody 401', async () => {
    // Each its own session, so that none is answered from the cache.
    const users = await Promise.all(
      Array.from({ length: 30 }, (_, index) => identity.createUser(sql, `frozen-${index}`)),
    );
    proxy.freeze();
    const startedAt = performance.now();
    const answers = await Promise.all(users.map(({ authorization }) => get('/api/v1/self', authorization)));
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
    expect(answers[0]!.headers['retry-after']).toBeDefined();
    proxy.restore();
    await waitFor(async () => (await get('/api/v1/self', users[0]!.authorization)).statusCode === 200, {
      timeoutMs: 10_000,
    });
  });

  it('verifies with the keys it knows while the auth service is away', async () => {
    await identity.stop();
    expect((await get('/api/v1/self', ann.authorization)).statusCode).toBe(200);
  });
});
