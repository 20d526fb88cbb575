import { cookies } from 'next/headers';
import { config, type DashboardConfig } from './config';

export function cookieName({ instance, publicUrl }: Pick<DashboardConfig, 'instance' | 'publicUrl'>): string {
  const name = `darb_session_${instance}`;
  return isHttps(publicUrl) ? `__Host-${name}` : name;
}

/** The opaque session id of the browser; null without one. It never leaves the server. */
export async function readSessionId(): Promise<string | null> {
  return (await cookies()).get(cookieName(config()))?.value || null;
}

export async function writeSessionCookie(sessionId: string, expiresAt: Date): Promise<void> {
  (await cookies()).set(cookieName(config()), sessionId, {
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps(config().publicUrl),
    path: '/',
    expires: expiresAt,
  });
}

/** `Set-Cookie` that ends the browser's session; as text, for responses that are built by hand. */
export function clearedCookie(): string {
  const secure = isHttps(config().publicUrl) ? '; Secure' : '';
  return `${cookieName(config())}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure}`;
}

function isHttps(publicUrl: string | null): boolean {
  return publicUrl?.startsWith('https://') ?? false;
}
