import { isIP } from 'node:net';
import type { NextRequest } from 'next/server';
import { config } from '../../../server/config';
import { isOriginAllowed } from '../../../server/origin';
import { problem } from '../../../server/problem';
import { safeReturnPath } from '../../../server/return-path';
import { clearedCookie, readSessionId, writeSessionCookie } from '../../../server/session-cookie';
import { AuthUnavailable, createSession, endSession } from '../../../server/sessions';

export const dynamic = 'force-dynamic';

/**
 * Signs in. The login page sends JSON; a form that was sent before its script had loaded arrives as a form and is
 * answered with redirects, so that it works as well (and a password never ends up in a URL).
 */
export async function POST(request: NextRequest): Promise<Response> {
  if (!isOriginAllowed('POST', request.headers, config().publicUrl)) return originRefused();
  const isForm = !request.headers.get('content-type')?.includes('application/json');
  const input = await readCredentials(request, isForm);
  if (!input) return problem(400, 'malformed_json', 'Send {"username": "…", "password": "…"}.');

  const refused = await signIn(request, input).catch((error: unknown) => {
    if (!(error instanceof AuthUnavailable)) throw error;
    return problem(503, 'dependency_unavailable', error.message, { 'retry-after': error.retryAfter ?? '2' });
  });
  const next = safeReturnPath(input.next);
  if (!isForm) return refused ?? Response.json({ next }, { headers: { 'cache-control': 'no-store' } });
  return seeOther(refused ? `/login?error=${refused.status}&next=${encodeURIComponent(next)}` : next);
}

/** Signs out; also when auth cannot be reached, the browser forgets its session. */
export async function DELETE(request: NextRequest): Promise<Response> {
  if (!isOriginAllowed('DELETE', request.headers, config().publicUrl)) return originRefused();
  const sessionId = await readSessionId();
  if (sessionId) await endSession(sessionId).catch(() => undefined);
  return new Response(null, { status: 204, headers: { 'set-cookie': clearedCookie() } });
}

/** Undefined when it worked; else the answer to give. */
async function signIn(request: NextRequest, input: Credentials): Promise<Response | undefined> {
  const session = await createSession(
    { username: input.username, password: input.password },
    {
      address: clientAddress(request.headers),
      userAgent: request.headers.get('user-agent') ?? undefined,
    },
  );
  if (!(session instanceof Response)) {
    await writeSessionCookie(session.sessionId, session.expiresAt);
    return undefined;
  }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  const retryAfter = session.headers.get('retry-after');
  if (retryAfter) headers.set('retry-after', retryAfter);
  return new Response(await session.text(), { status: session.status, headers });
}

/** The gateway writes this header anew and believes only the proxies it was told of, so the first entry is the client. */
function clientAddress(headers: Headers): string | undefined {
  const first = headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? '';
  return isIP(first) === 0 ? undefined : first;
}

interface Credentials {
  username: string;
  password: string;
  next: string | undefined;
}

async function readCredentials(request: NextRequest, isForm: boolean): Promise<Credentials | null> {
  try {
    const body: unknown = isForm ? Object.fromEntries(await request.formData()) : await request.json();
    const { username, password, next } = (body ?? {}) as Record<string, unknown>;
    if (typeof username !== 'string' || typeof password !== 'string') return null;
    return { username, password, next: typeof next === 'string' ? next : undefined };
  } catch {
    return null;
  }
}

function originRefused(): Response {
  return problem(403, 'origin_refused', 'This request came from another site and was not carried out.');
}

/** A relative Location: the server does not know under which address the browser reaches it. */
function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } });
}
