/**
 * `npm run generate`: writes every committed file that is made from others. `--check` writes nothing, and ends with 1
 * and their names when some are not what would be written.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { makeClients } from './generate/clients.mjs';
import { composeSettings, makeEnvironmentExample } from './generate/compose.mjs';
import {
  makeConfigurationPage,
  makeKnownVariables,
  readVariables,
  withConfigurationTable,
} from './generate/configuration.mjs';
import { mergeDocuments } from './generate/merge-openapi.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const API_SERVICES = ['auth', 'environments', 'jobs'];
const BUILT = ['auth', 'environments', 'jobs', 'worker', 'gateway'];

function inRoot(...parts) {
  return path.join(ROOT, ...parts);
}

function readIfThere(file) {
  try {
    return readFileSync(inRoot(file), 'utf8');
  } catch {
    return null;
  }
}

/** What can't be generated, in words; the tool's own output stands above it. */
class CannotGenerate extends Error {}

/** Decorators are only in compiled code, so what is generated is read from there. */
function build() {
  const filters = BUILT.map((name) => `--filter=@darb/${name}`);
  const args = ['run', 'build', '--output-logs=errors-only', ...filters];
  const { status } = spawnSync(inRoot('node_modules/.bin/turbo'), args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new CannotGenerate('The services do not build; nothing was generated.');
}

function openApiOf(service) {
  const { status, stdout } = spawnSync(process.execPath, [inRoot('apps', service, 'dist/openapi.js')], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new CannotGenerate(`apps/${service} does not print its document; is it built?`);
  return JSON.parse(stdout);
}

const asJson = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** @returns {Promise<Map<string, string>>} path below the root → its text */
async function generate() {
  const { serviceOfPath } = await import(pathToFileURL(inRoot('libs/api-client/dist/routes.js')).href);
  const files = new Map();
  const documents = {};
  for (const service of API_SERVICES) {
    documents[service] = openApiOf(service);
    files.set(`apps/${service}/openapi.json`, asJson(documents[service]));
  }
  files.set('libs/api-client/openapi.json', asJson(mergeDocuments(documents, serviceOfPath)));
  for (const [name, text] of await makeClients(documents, inRoot('libs/api-client'))) {
    files.set(`libs/api-client/src/generated/${name}`, text);
  }
  const variables = await readVariables(ROOT);
  files.set('docs/configuration.md', makeConfigurationPage(variables));
  files.set('apps/standalone/src/known-variables.generated.ts', makeKnownVariables(variables));
  const settings = composeSettings(readFileSync(inRoot('docker-compose.yml'), 'utf8'));
  files.set('.env.example', makeEnvironmentExample(settings, variables));
  files.set(
    'README.md',
    await formatted('README.md', withConfigurationTable(readIfThere('README.md'), variables)),
  );
  return files;
}

/** For a file that people write too: the table in it is laid out as prettier would. */
async function formatted(file, text) {
  const options = await resolveConfig(inRoot(file));
  return format(text, { ...options, filepath: inRoot(file) });
}

async function main(isCheck) {
  if (!isCheck) build();
  const changed = [...(await generate())].filter(([file, text]) => readIfThere(file) !== text);
  if (isCheck) {
    for (const [file] of changed) console.log(`${file} is not what it is made from`);
    if (changed.length > 0) throw new CannotGenerate('Run `npm run generate` and commit what it wrote.');
    return;
  }
  for (const [file, text] of changed) {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), text);
    console.log(`wrote ${file}`);
  }
  if (changed.length === 0) console.log('Every generated file is up to date.');
}

main(process.argv.includes('--check')).catch((error) => {
  console.error(error instanceof CannotGenerate ? error.message : error);
  process.exitCode = 1;
});
