import type { ExecutionContext } from '@nestjs/common';
import { applyDecorators, createParamDecorator, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExcludeController, ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor, WorkerIdentity } from './actor.js';
import type { Permission } from './permissions.js';

export const ACCESS = 'darb:access';

/** Who may call an `/internal` route: a worker with its token, another service, or whoever holds the join token. */
export type InternalCaller = 'worker' | 'service' | 'join';

export type Access =
  | { kind: 'public' }
  | { kind: 'permission'; permission: Permission }
  | { kind: 'internal'; caller: InternalCaller };

export type AuthenticatedRequest = FastifyRequest & {
  actor?: Actor;
  worker?: WorkerIdentity;
  callingService?: string;
};

/** Anyone may call this route. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata<string, Access>(ACCESS, { kind: 'public' });
}

/** The caller must be signed in and hold this permission somewhere; the service then asks for the very resource. */
export function RequirePermission(permission: Permission): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata<string, Access>(ACCESS, { kind: 'permission', permission }),
    ApiBearerAuth(),
  );
}

/** For routes under `/internal`. A worker's token is bound to its id: compare it with `@CurrentWorker()`. */
export function Internal(caller: InternalCaller): MethodDecorator & ClassDecorator {
  const access = SetMetadata<string, Access>(ACCESS, { kind: 'internal', caller });
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (key !== undefined && descriptor) {
      access(target, key, descriptor);
      ApiExcludeEndpoint()(target, key, descriptor);
    } else {
      access(target as () => void);
      ApiExcludeController()(target as () => void);
    }
  };
}

export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext) =>
  required(request(context).actor, '@CurrentActor()'),
);

export const CurrentWorker = createParamDecorator((_: unknown, context: ExecutionContext) =>
  required(request(context).worker, '@CurrentWorker()'),
);

/** Name of the service that called, for example `dashboard`. */
export const CallingService = createParamDecorator((_: unknown, context: ExecutionContext) =>
  required(request(context).callingService, '@CallingService()'),
);

/** The caller's address as the trusted proxies report it. */
export const ClientAddress = createParamDecorator(
  (_: unknown, context: ExecutionContext) => request(context).ip,
);

function request(context: ExecutionContext): AuthenticatedRequest {
  return context.switchToHttp().getRequest<AuthenticatedRequest>();
}

function required<T>(value: T | undefined, decorator: string): T {
  if (value === undefined) throw new Error(`${decorator} is used on a route that does not identify one.`);
  return value;
}
