import type { NextRequest } from 'next/server';
import { config } from '../../../server/config';
import { endQuietly } from '../../../server/end-quietly';
import { forwardedRequestHeaders, forwardTarget, returnedResponseHeaders } from '../../../server/forward';
import { isOriginAllowed } from '../../../server/origin';
import { problem } from '../../../server/problem';
import { clearedCookie, readSessionId } from '../../../server/session-cookie';
import { accessToken, AuthUnavailable, forgetAccessToken, SessionEnded } from '../../../server/sessions';

export const dynamic = 'force-dynamic';

/** The browser's door to the services: its cookie becomes a bearer token, everything else passes as it is. */
async function handle(request: NextRequest): Promise<Response> {
  if (!isOriginAllowed(request.method, request.headers, config().publicUrl)) {
    return problem(403, 'origin_refused', 'This request came from another site and was not carried out.');
  }
  const target = forwardTarget(new URL(request.url), config());
  if (target === null) return problem(404, 'route_not_found', 'There is no such route.');
  const sessionId = await readSessionId();
  if (!sessionId) return sessionEnded();
  try {
    const response = await forward(request, target, sessionId);
    if (response.status !== 401) return answer(response);
    // Refused although not expired: either the session is dead, or a key was replaced. Auth knows.
    await response.body?.cancel();
    forgetAccessToken(sessionId);
    if (!request.body) return answer(await forward(request, target, sessionId));
    // A body that was streamed on cannot be sent twice; the browser may, since nothing was carried out.
    await accessToken(sessionId);
    return problem(503, 'token_renewed', 'Your session was renewed. Try again.', { 'retry-after': '0' });
  } catch (error) {
    if (error instanceof SessionEnded) return sessionEnded();
    if (request.signal.aborted) return new Response(null, { status: 499 });
    const retryAfter = (error instanceof AuthUnavailable && error.retryAfter) || '2';
    const detail =
      error instanceof AuthUnavailable ? error.message : 'The service did not answer. Try again in a moment.';
    return problem(503, 'dependency_unavailable', detail, { 'retry-after': retryAfter });
  }
}

async function forward(request: NextRequest, target: string, sessionId: string): Promise<Response> {
  const { token } = await accessToken(sessionId);
  return fetch(target, {
    method: request.method,
    headers: forwardedRequestHeaders(request.headers, token),
    body: request.body,
    duplex: 'half',
    redirect: 'manual',
    cache: 'no-store',
    signal: request.signal,
  } as RequestInit);
}

function answer(upstream: Response): Response {
  const isEmpty = upstream.status === 204 || upstream.status === 304;
  return new Response(isEmpty ? null : answerBody(upstream), {
    status: upstream.status,
    headers: returnedResponseHeaders(upstream.headers),
  });
}

function answerBody(upstream: Response): ReadableStream<Uint8Array> | null {
  const isStream = upstream.headers.get('content-type')?.startsWith('text/event-stream');
  return upstream.body && isStream ? endQuietly(upstream.body) : upstream.body;
}

function sessionEnded(): Response {
  return problem(401, 'session_ended', 'Your session has ended. Sign in again.', {
    'set-cookie': clearedCookie(),
  });
}

export { handle as DELETE, handle as GET, handle as HEAD, handle as PATCH, handle as POST, handle as PUT };
