/** Where a request came from and where it went to, as far as a browser's Origin header must match. */

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The host that the person's browser sees. Behind the gateway that is X-Forwarded-Host; a browser cannot be made
 * to send that header across sites without a preflight, which nothing here answers.
 */
export function publicHost(headers: Headers): string | null {
  const forwarded = headers.get('x-forwarded-host')?.split(',')[0]?.trim();
  return forwarded || headers.get('host');
}

/**
 * Whether a request may change something: safe methods always, others only when the page that sent it has the
 * host that it was sent to (or the configured public address, for a proxy that rewrites Host).
 */
export function isOriginAllowed(method: string, headers: Headers, publicUrl: string | null): boolean {
  if (SAFE_METHODS.has(method.toUpperCase())) return true;
  const origin = headers.get('origin');
  if (!origin || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  if (!/^https?:$/.test(from.protocol)) return false;
  if (publicUrl && from.origin === publicUrl) return true;
  const host = publicHost(headers);
  if (!host || !URL.canParse(`${from.protocol}//${host}`)) return false;
  // Compared after parsing, so that case and a written-out default port do not matter.
  return new URL(`${from.protocol}//${host}`).host === from.host;
}
