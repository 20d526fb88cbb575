import { redirect } from 'next/navigation';
import { loginPath } from './return-path';
import { readSessionId } from './session-cookie';
import { accessToken, SessionEnded, type SessionUser } from './sessions';

/** The signed-in person, or null. Throws AuthUnavailable when nobody can tell. */
export async function currentUser(): Promise<SessionUser | null> {
  const sessionId = await readSessionId();
  if (!sessionId) return null;
  try {
    return (await accessToken(sessionId)).user;
  } catch (error) {
    if (error instanceof SessionEnded) return null;
    throw error;
  }
}

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** For pages: the signed-in person, or on to the login page, which comes back to this very address. */
export async function requireUser(path: string, searchParams?: SearchParams): Promise<SessionUser> {
  const user = await currentUser();
  if (user) return user;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((await searchParams) ?? {})) {
    for (const one of [value ?? []].flat()) query.append(name, one);
  }
  redirect(loginPath(query.size > 0 ? `${path}?${query}` : path));
}
