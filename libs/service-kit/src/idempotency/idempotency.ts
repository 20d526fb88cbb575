import { createHmac } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator, Inject, Injectable, Optional } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { EntityManager } from 'typeorm';
import type { AuthenticatedRequest } from '../access/decorators.js';
import { ServiceInfo } from '../boot/service-info.js';
import { SecretConfig } from '../config/groups.js';
import { Problem } from '../http/problem.js';
import { deriveKey } from '../tokens/derive-key.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
const KEPT = `interval '24 hours'`;

/** A request that carries an Idempotency-Key. */
export interface IdempotentRequest {
  actorId: string;
  key: string;
  route: string;
  body: unknown;
}

/** What a POST answers, in a form that can be kept and repeated. */
export interface Answer<T = unknown> {
  status: number;
  body: T;
  headers?: Record<string, string>;
}

/** `@Idempotent() request: IdempotentRequest | null`: null when the caller sent no Idempotency-Key. */
export const Idempotent = createParamDecorator(
  (_: unknown, context: ExecutionContext): IdempotentRequest | null => {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || !request.actor) return null;
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new Problem(
        400,
        'bad_idempotency_key',
        'Idempotency-Key must be 1 to 255 visible ASCII characters.',
      );
    }
    const route = `${request.method} ${request.url}`;
    return { actorId: request.actor.userId, key, route, body: request.body ?? null };
  },
);

/** Puts a (new or repeated) answer on the reply; return its result from the handler. */
export function sendAnswer<T>(reply: FastifyReply, answer: Answer<T>): T {
  void reply.status(answer.status).headers(answer.headers ?? {});
  return answer.body;
}

interface StoredAnswer {
  request_hash: string;
  status: number;
  body: unknown;
  headers: Record<string, string> | null;
}

/** Runs a POST's work once per (actor, key): what it did and what it answered are committed together. */
@Injectable()
export class Idempotency {
  private readonly table: string;
  private readonly hashKey: Uint8Array;

  constructor(
    @Inject(ServiceInfo) service: ServiceInfo,
    @Optional() @Inject(SecretConfig) secret?: SecretConfig,
  ) {
    this.table = `${service.name}.idempotency_keys`;
    // Keyed, because a body may hold a password: a plain hash of it could be guessed from a copy of the table.
    this.hashKey = deriveKey(secret?.authJwtSecret ?? '', 'idempotency');
  }

  /** Call it first thing in the transaction. A refused request (a thrown Problem) is not kept and may be sent again. */
  async run<T>(
    manager: EntityManager,
    request: IdempotentRequest | null,
    work: () => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    if (!request) return work();
    await this.lock(manager, request);
    const requestHash = this.hash(request);
    const [stored] = await manager.query<StoredAnswer[]>(
      `SELECT request_hash, status, body, headers FROM ${this.table}
        WHERE actor_id = $1 AND key = $2 AND created_at > now() - ${KEPT}`,
      [request.actorId, request.key],
    );
    if (stored) return repeat<T>(stored, requestHash);
    const answer = await work();
    await manager.query(
      `INSERT INTO ${this.table} (actor_id, key, route, request_hash, status, body, headers)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (actor_id, key) DO UPDATE SET route = EXCLUDED.route, request_hash = EXCLUDED.request_hash,
         status = EXCLUDED.status, body = EXCLUDED.body, headers = EXCLUDED.headers, created_at = now()`,
      [
        request.actorId,
        request.key,
        request.route,
        requestHash,
        answer.status,
        JSON.stringify(answer.body ?? null),
        answer.headers ? JSON.stringify(answer.headers) : null,
      ],
    );
    return answer;
  }

  private hash(request: IdempotentRequest): string {
    return createHmac('sha256', this.hashKey)
      .update(`${request.route}\n${JSON.stringify(request.body)}`)
      .digest('hex');
  }

  /** Held until the transaction ends, so the second of two equal requests learns at once that the first still runs. */
  private async lock(manager: EntityManager, request: IdempotentRequest): Promise<void> {
    const [row] = await manager.query<{ locked: boolean }[]>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked',
      [`${this.table} ${request.actorId} ${request.key}`],
    );
    if (row?.locked) return;
    throw new Problem(
      409,
      'idempotency_in_progress',
      'The first request with this key is still running; try again.',
      {
        headers: { 'retry-after': '1' },
      },
    );
  }
}

function repeat<T>(stored: StoredAnswer, requestHash: string): Answer<T> {
  if (stored.request_hash !== requestHash) {
    throw new Problem(
      422,
      'idempotency_key_reused',
      'This Idempotency-Key was used for another request; make a new one.',
    );
  }
  return {
    status: stored.status,
    body: stored.body as T,
    headers: { ...stored.headers, 'idempotency-replayed': 'true' },
  };
}
