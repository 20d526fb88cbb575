import { VERSION } from '../version';

export const dynamic = 'force-dynamic';

/** Ready as soon as it answers: it keeps no state, and what it calls is asked for again at every request. */
export function GET(): Response {
  return Response.json({ status: 'ok', service: 'dashboard', version: VERSION, dependencies: {} });
}
