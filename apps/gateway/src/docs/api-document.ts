import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The OpenAPI document of all services in one, as `npm run generate` wrote it beside the clients: what is shown
 * is what the clients were made from, and it needs no service to be up.
 */
export class ApiDocument {
  readonly text = readFileSync(fileURLToPath(import.meta.resolve('@darb/api-client/openapi.json')), 'utf8');
}
