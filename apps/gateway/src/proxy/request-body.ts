import type { Readable } from 'node:stream';
import { pipeline, Transform } from 'node:stream';
import { Problem } from '@darb/service-kit/edge';
import type { FastifyRequest } from 'fastify';

/** Bodies up to this size are kept until the service has answered, so that a request can be sent again. */
const KEPT_BYTES = 1024 * 1024;

export type ForwardedBody =
  | { kind: 'none' }
  | { kind: 'kept'; bytes: Buffer }
  /** Passes through as it arrives; can be sent only once. */
  | { kind: 'streamed'; stream: Readable };

/** Takes the body as far as needed. Fastify has parsed nothing: `request.body` is the raw stream or empty. */
export async function takeBody(request: FastifyRequest, limitBytes: number): Promise<ForwardedBody> {
  const stream = request.body as Readable | null | undefined;
  if (!stream) return { kind: 'none' };
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (length > limitBytes) throw bodyTooLarge(limitBytes);
  if (length <= KEPT_BYTES) return { kind: 'kept', bytes: await readAll(stream) };
  return { kind: 'streamed', stream: Number.isNaN(length) ? limited(stream, limitBytes) : stream };
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A body without Content-Length is counted on its way. */
function limited(stream: Readable, limitBytes: number): Readable {
  let seen = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limitBytes) done(bodyTooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  pipeline(stream, counter, () => {});
  return counter;
}

function bodyTooLarge(limitBytes: number): Problem {
  return new Problem(413, 'body_too_large', `The request body is larger than ${limitBytes} bytes.`);
}
