export const HOME = '/environments';

const PLACEHOLDER = 'http://return.invalid';

/**
 * Where to go after signing in. Only a path of this very dashboard is kept; everything a browser could read as
 * another origin (`//host`, `/\host`, a scheme, control characters that it drops) becomes the home page.
 */
export function safeReturnPath(raw: string | string[] | null | undefined): string {
  if (typeof raw !== 'string' || raw.length > 2000 || !raw.startsWith('/')) return HOME;
  // oxlint-disable-next-line no-control-regex -- browsers drop tab and newline inside URLs
  if (/[\u0000-\u001f\u007f\\]/.test(raw) || raw.startsWith('//')) return HOME;
  if (!URL.canParse(raw, PLACEHOLDER)) return HOME;
  const url = new URL(raw, PLACEHOLDER);
  if (url.origin !== PLACEHOLDER || url.pathname.startsWith('//')) return HOME;
  if (url.pathname === '/' || /^\/(login|bff)(\/|$)/.test(url.pathname)) return HOME;
  return url.pathname + url.search + url.hash;
}

export function loginPath(returnTo: string): string {
  const path = safeReturnPath(returnTo);
  return path === HOME ? '/login' : `/login?next=${encodeURIComponent(path)}`;
}
