/** Who answers a path on Darb's one address. */
export type Service = 'auth' | 'environments' | 'jobs' | 'gateway' | 'dashboard';

/** Where every public API route starts. */
export const API_PREFIX = '/api/v1';

/** The first part of a path below API_PREFIX decides the service; a noun has one home. */
const NOUNS: Readonly<Record<string, Service>> = {
  auth: 'auth',
  users: 'auth',
  organizations: 'auth',
  'api-tokens': 'auth',
  'audit-events': 'auth',
  environments: 'environments',
  'package-managers': 'environments',
  packages: 'environments',
  storage: 'environments',
  policies: 'environments',
  'index-credentials': 'environments',
  jobs: 'jobs',
  events: 'jobs',
  workers: 'jobs',
  queue: 'jobs',
  health: 'gateway',
};

/** Pages that the gateway answers itself; matched whole or as a folder. */
const GATEWAY_PAGES = ['/health', '/docs'];

/**
 * Which service answers this path. The path must be plain, as `isPlainPath` says: a router that
 * decodes or normalises first would see another path than the one judged here.
 * Unknown nouns below the API prefix stay with the gateway, which answers 404.
 */
export function serviceOfPath(pathname: string): Service {
  if (pathname === API_PREFIX || pathname.startsWith(`${API_PREFIX}/`)) {
    const noun = pathname.slice(API_PREFIX.length + 1).split('/', 1)[0] ?? '';
    return Object.hasOwn(NOUNS, noun) ? NOUNS[noun]! : 'gateway';
  }
  const isOwnPage = GATEWAY_PAGES.some((page) => pathname === page || pathname.startsWith(`${page}/`));
  return isOwnPage ? 'gateway' : 'dashboard';
}

/** `%2f`, `%5c`, `%2e`, `%25` and `%00`: what turns into path syntax when somebody decodes (again). */
const HIDDEN_SYNTAX = /%(?:2f|5c|2e|25|00)/i;

/**
 * True for a path that means the same to everybody who reads it: absolute, without empty, `.` or `..`
 * segments, without backslashes, control characters, and without percent-encoded path syntax.
 */
export function isPlainPath(pathname: string): boolean {
  if (!pathname.startsWith('/') || pathname.includes('//')) return false;
  // eslint-disable-next-line no-control-regex
  if (/[\\\u0000-\u0020\u007f]/.test(pathname) || HIDDEN_SYNTAX.test(pathname)) return false;
  try {
    decodeURIComponent(pathname);
  } catch {
    return false;
  }
  return !pathname.split('/').some((segment) => segment === '.' || segment === '..');
}

/** Paths of a service's own port. They are never forwarded, whatever their case or the prefix before them. */
const PRIVATE_SEGMENTS = new Set(['internal', 'metrics', 'openapi.json']);

/**
 * True for a path that may not be forwarded to a service or to the dashboard: `/internal…`, `/metrics`
 * and `/openapi.json`, at the root or directly below the API prefix.
 */
export function isPrivatePath(pathname: string): boolean {
  const segments = decoded(pathname).toLowerCase().split('/').filter(Boolean);
  const first = segments[0] === 'api' ? segments[2] : segments[0];
  return first !== undefined && (PRIVATE_SEGMENTS.has(first) || first.startsWith('internal'));
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
