import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const SERVED = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js']);

/** The two files of Swagger UI that the page loads, from the installed package. */
export async function registerDocsAssets(fastify: FastifyInstance): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: path.dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json'))),
    prefix: '/docs/assets/',
    index: false,
    decorateReply: false,
    maxAge: '1d',
    allowedPath: (name) => SERVED.has(name),
  });
}
