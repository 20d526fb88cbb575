import { VERSION } from './version';

export const dynamic = 'force-dynamic';

export function GET(): Response {
  return Response.json({ status: 'ok', service: 'dashboard', version: VERSION });
}
