import { Body, Controller, Get, Module, Param, Post, Query, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Public, RequirePermission } from '../access/decorators.js';
import { configGroups } from '../config/config-variable.js';
import { ServerConfig } from '../config/groups.js';
import { parseConfig } from '../config/parse-config.js';
import { HealthCheck } from '../health/health.js';
import { HealthModule } from '../health/health.module.js';
import { IdPipe } from '../http/id.pipe.js';
import { Problem } from '../http/problem.js';
import { createLogger } from '../logging/logger.js';
import { PageQuery } from '../paging/page.query.js';
import { createServiceApp } from './service-app.js';

class NoteDto {
  @IsString() text: string;
  @IsInt() stars: number;
}

@Public()
@Controller('notes')
class NotesController {
  @Post() create(@Body() body: NoteDto): NoteDto {
    return body;
  }
  @Get() list(@Query() query: PageQuery): PageQuery {
    return query;
  }
  @Get('broken') broken(): void {
    throw new Error('the secret plan');
  }
  @Get('stale') stale(): void {
    throw new Problem(409, 'stale_epoch', 'Too late.', { extra: { highest: 3 } });
  }
  @Get('stream') stream(@Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n');
  }
  @Get(':id') get(@Param('id', IdPipe) id: string): { id: string } {
    return { id };
  }
}

@Public()
@Controller('internal/things')
class InternalController {
  @Post() take(@Body() body: Buffer): { bytes: number } {
    return { bytes: body.length };
  }
}

class WeatherCheck extends HealthCheck {
  static isFine = true;
  readonly name = 'weather';
  check(): Promise<void> {
    return WeatherCheck.isFine ? Promise.resolve() : Promise.reject(new Error('it rains'));
  }
}

@Module({
  imports: [HealthModule.forRoot({ checks: [WeatherCheck] })],
  controllers: [NotesController, InternalController],
})
class SampleModule {}
class SampleConfig extends configGroups(ServerConfig) {}

const lines: string[] = [];

async function start(module: new () => object): Promise<NestFastifyApplication> {
  const config = parseConfig(SampleConfig, {});
  const logger = createLogger('jobs', config, { write: (line: string) => void lines.push(line) });
  const options = {
    service: 'jobs' as const,
    module,
    configClass: SampleConfig,
    bodyLimitBytes: 1_000,
    bufferContentTypes: ['application/gzip'],
  };
  const app = await createServiceApp(options, config, logger);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

describe('a service', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => (app = await start(SampleModule)));
  afterAll(() => app.close());

  const post = (payload: string | Buffer, type = 'application/json', url = '/api/v1/notes') =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });

  it('names every wrong field', async () => {
    const answer = await post('{"stars":"x","more":1}');
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: 'urn:darb:problem:validation_failed',
      code: 'validation_failed',
    });
    expect(answer.json().errors).toEqual([
      { field: 'more', code: 'unknown_field', message: 'is not a known field' },
      { field: 'text', code: 'required', message: 'is required' },
      { field: 'stars', code: 'is_int', message: 'must be an integer number' },
    ]);
  });

  it.each([
    ['malformed JSON', '{', 'application/json', 400, 'malformed_json'],
    ['an array for an object', '[]', 'application/json', 422, 'validation_failed'],
    ['a NUL character', '{"text":"a\\u0000","stars":1}', 'application/json', 422, 'validation_failed'],
    ['no body', '', 'application/json', 422, 'validation_failed'],
    ['a form', 'text=a', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['plain text', 'a', 'text/plain', 415, 'unsupported_media_type'],
    ['too much', JSON.stringify({ text: 'x'.repeat(2_000) }), 'application/json', 413, 'body_too_large'],
  ])('refuses %s', async (_, body, type, status, code) => {
    const answer = await post(body, type);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it('refuses a NUL in a path or a query, and deep JSON, whoever sends it', async () => {
    for (const url of ['/api/v1/notes/%00', '/api/v1/notes?cursor=a%00b', '/api/v1/nowhere?%00=1']) {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_characters']);
    }
    const deep = await post('['.repeat(400) + ']'.repeat(400));
    expect([deep.statusCode, deep.json().code]).toEqual([400, 'too_deep']);
  });

  it('answers unknown routes and ids that are none with 404', async () => {
    expect((await app.inject('/api/v1/nowhere')).json().code).toBe('route_not_found');
    expect((await app.inject('/api/v1/notes/1')).json().code).toBe('not_found');
    expect((await app.inject('/notes')).statusCode).toBe(404);
  });

  it('parses the page query', async () => {
    expect((await app.inject('/api/v1/notes')).json()).toEqual({ limit: 50 });
    expect((await app.inject('/api/v1/notes?limit=7&cursor=c')).json()).toEqual({ limit: 7, cursor: 'c' });
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'unknown=1', 'limit=1&limit=2']) {
      expect((await app.inject(`/api/v1/notes?${query}`)).statusCode).toBe(422);
    }
  });

  it('tells nothing of an unexpected error but its request id, and logs it', async () => {
    const answer = await app.inject({ url: '/api/v1/notes/broken', headers: { 'x-request-id': 'my-id.1' } });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret plan');
    expect(answer.json().request_id).toBe('my-id.1');
    expect(answer.headers['x-request-id']).toBe('my-id.1');
    expect(lines.some((line) => line.includes('secret plan') && line.includes('my-id.1'))).toBe(true);
  });

  it('makes its own request id where the given one is odd', async () => {
    const answer = await app.inject({ url: '/health', headers: { 'x-request-id': 'a b\tc' } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('adds further members to a problem', async () => {
    expect((await app.inject('/api/v1/notes/stale')).json()).toMatchObject({ status: 409, highest: 3 });
  });

  it('writes one wide event for a request, for a stream too', async () => {
    for (const url of ['/api/v1/notes/stale?x=1', '/api/v1/notes/stream']) {
      lines.length = 0;
      await app.inject(url);
      const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const requests = events.filter(({ event }) => event === 'http_request');
      expect(requests).toHaveLength(1);
      expect(requests[0]).toMatchObject({ method: 'GET', route: url.split('?')[0], path: url.split('?')[0] });
    }
  });

  it('keeps /internal out of /api/v1 and hands over raw bodies', async () => {
    const answer = await post(Buffer.from([1, 2, 3]), 'application/gzip', '/internal/things');
    expect(answer.json()).toEqual({ bytes: 3 });
    expect((await post('{}', 'application/json', '/api/v1/internal/things')).statusCode).toBe(404);
  });

  it('reports health, readiness and metrics', async () => {
    expect((await app.inject('/health')).json()).toMatchObject({ status: 'ok', service: 'jobs' });
    expect((await app.inject('/health/ready')).statusCode).toBe(200);
    WeatherCheck.isFine = false;
    const unready = await app.inject('/health/ready');
    WeatherCheck.isFine = true;
    expect(unready.statusCode).toBe(503);
    expect(unready.json().dependencies).toEqual({ weather: { status: 'unavailable', detail: 'it rains' } });
    expect((await app.inject('/metrics')).body).toContain('darb_http_request_duration_seconds_count');
  });
});

describe('a route that declares nobody', () => {
  it('stops the start with its name', async () => {
    @Controller('open')
    class OpenController {
      @Get() read(): void {}
    }
    @Module({ controllers: [OpenController] })
    class OpenModule {}
    await expect(start(OpenModule)).rejects.toThrow('OpenController.read declares nobody');
  });

  it('also where a permission is declared but nothing guards it', async () => {
    @Controller('unguarded')
    class UnguardedController {
      @RequirePermission('self') @Get() read(): void {}
    }
    @Module({ controllers: [UnguardedController] })
    class UnguardedModule {}
    await expect(start(UnguardedModule)).rejects.toThrow('UnguardedController.read needs a guard');
  });
});
