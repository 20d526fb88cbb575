import { isPlainPath, isPrivatePath } from '@darb/api-client';
import { Problem } from '@darb/service-kit/edge';
import type { FastifyInstance } from 'fastify';

/** Where nothing is, or nothing that the outside may see; both look the same. */
export function routeNotFound(): Problem {
  return new Problem(404, 'route_not_found', 'There is no route at this path; /docs lists those that exist.');
}

/** The path as it was sent, without the query. */
export function rawPath(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/**
 * Turns away, before any routing, what services keep to themselves and every spelling that another router
 * could read as such: this judges the raw bytes of the request line, which is also what gets forwarded.
 */
export function registerPathGuard(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const path = rawPath(request.raw.url ?? '');
    if (!isPlainPath(path) || isPrivatePath(path)) done(routeNotFound());
    else done();
  });
}
