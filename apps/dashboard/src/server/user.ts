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

/** For pages: the signed-in person, or on to the login page, which comes back to `path`. */
export async function requireUser(path: string): Promise<SessionUser> {
  return (await currentUser()) ?? redirect(loginPath(path));
}
