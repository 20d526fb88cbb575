import { createRequire } from 'node:module';
import path from 'node:path';

const HEADER = '/** Made by `npm run generate` from the OpenAPI document of the service. Do not edit. */\n';

/**
 * The types of every route of a service, for openapi-fetch.
 * @param {Record<string, object>} documents
 * @param {string} packageFolder where openapi-typescript is installed
 * @returns {Promise<[file: string, text: string][]>}
 */
export async function makeClients(documents, packageFolder) {
  // Installed for that package only, so it is looked for from there.
  const { default: openapiTS, astToString } = createRequire(path.join(packageFolder, 'package.json'))(
    'openapi-typescript',
  );
  const files = [];
  for (const [service, document] of Object.entries(documents)) {
    // It takes the document apart while it reads.
    const types = await openapiTS(structuredClone(document), {
      alphabetize: true,
      defaultNonNullable: false,
    });
    files.push([`${service}.generated.ts`, HEADER + astToString(types)]);
  }
  return files;
}
