import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { validate as isUuid } from 'uuid';
import { JoinTokenConfig, SecretConfig } from '../config/groups.js';
import { forbidden } from '../http/problem.js';
import { addLogFields } from '../logging/request-context.js';
import { equalSecrets, verifyServiceToken, verifyWorkerToken } from '../tokens/internal-tokens.js';
import { AccessTokenKeys } from './access-token-keys.js';
import { ActorReader } from './actor.reader.js';
import type { Access, AuthenticatedRequest, InternalCaller } from './decorators.js';
import { ACCESS } from './decorators.js';
import { JwtAuthenticator, unauthenticated } from './jwt.strategy.js';
import type { Permission } from './permissions.js';
import { can } from './permissions.js';

/** Stands before every route and does what its declaration says; a route without one never gets here (see assertRoutesDeclared). */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly authenticator: JwtAuthenticator;

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AccessTokenKeys) keys: AccessTokenKeys,
    @Inject(ActorReader) private readonly actors: ActorReader,
    @Inject(SecretConfig) private readonly secret: SecretConfig,
    @Optional() @Inject(JoinTokenConfig) private readonly join?: JoinTokenConfig,
  ) {
    this.authenticator = new JwtAuthenticator(keys.getKey);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    if (access?.kind === 'public') return true;
    if (access?.kind === 'internal') await this.admitInternal(request, access.caller);
    else if (access?.kind === 'permission') await this.admit(request, http.getResponse(), access.permission);
    else throw forbidden('This route declares no permission.');
    return true;
  }

  private async admit(
    request: AuthenticatedRequest,
    reply: FastifyReply,
    permission: Permission,
  ): Promise<void> {
    const claims = await this.authenticator.authenticate(request, reply);
    const sessionId = String(claims['sid']);
    const userId = String(claims.sub);
    const actor = isUuid(sessionId) && isUuid(userId) ? await this.actors.read(sessionId, userId) : null;
    if (!actor) throw unauthenticated('session_ended', 'This session is over; sign in again.');
    addLogFields({ actor_id: actor.userId, session_id: actor.sessionId });
    if (!can(actor, permission)) throw forbidden(`Your role does not allow ${permission}.`);
    request.actor = actor;
  }

  private async admitInternal(request: AuthenticatedRequest, caller: InternalCaller): Promise<void> {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token && caller === 'join' && this.join && equalSecrets(token, this.join.workerJoinToken)) return;
    if (token && caller === 'worker') {
      const workerId = await verifyWorkerToken(this.secret.authJwtSecret, token);
      if (workerId) {
        request.worker = { workerId };
        addLogFields({ worker_id: workerId });
        return;
      }
    }
    if (token && caller === 'service') {
      const service = await verifyServiceToken(this.secret.authJwtSecret, token);
      if (service) {
        request.callingService = service;
        addLogFields({ calling_service: service });
        return;
      }
    }
    throw unauthenticated('unauthenticated', `This route needs a valid ${caller} token.`);
  }
}
