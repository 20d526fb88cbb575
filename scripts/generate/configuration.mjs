import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Services in the order in which the page names them. */
const SERVICES = ['gateway', 'auth', 'environments', 'jobs', 'worker', 'dashboard'];
const load = (...parts) => import(pathToFileURL(path.join(...parts)).href);

/**
 * @typedef {object} Use what one service says of a variable
 * @property {string} service
 * @property {string} description
 * @property {string | null} default as the table shows it; null without one
 * @property {boolean} isRequired
 * @property {boolean} isSecret
 */

/**
 * Every environment variable that some service reads, by name.
 * @param {string} root
 * @returns {Promise<Map<string, Use[]>>}
 */
export async function readVariables(root) {
  const { describeConfig } = await load(root, 'libs/service-kit/dist/edge.js');
  const variables = new Map();
  const add = (service, field) => {
    const uses = variables.get(field.name) ?? [];
    uses.push(useOf(service, field));
    variables.set(field.name, uses);
  };
  for (const service of SERVICES) {
    for (const field of await fieldsOf(root, service, describeConfig)) add(service, field);
  }
  return new Map([...variables].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function fieldsOf(root, service, describeConfig) {
  if (service === 'dashboard') {
    // A file without imports, so Node reads its TypeScript as it is.
    return (await load(root, 'apps/dashboard/src/server/config.ts')).DASHBOARD_VARIABLES;
  }
  const exported = Object.values(await load(root, 'apps', service, 'dist/config.js'));
  const configClass = exported.find((item) => typeof item === 'function' && describeConfig(item).length > 0);
  if (!configClass) throw new Error(`apps/${service}/dist/config.js exports no class of settings.`);
  return describeConfig(configClass);
}

function useOf(service, field) {
  const shown = field.defaultText ?? (field.default === undefined ? null : code(asText(field.default)));
  return {
    service,
    description: field.description,
    default: shown,
    isRequired: field.default === undefined && !field.optional,
    isSecret: Boolean(field.secret),
  };
}

function code(text) {
  return text === '' ? null : `\`${text}\``;
}

function asText(value) {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map((pair) => pair.join('='))
      .join(',');
  }
  return String(value);
}

const INTRODUCTION = `# Configuration

<!-- Made by \`npm run generate\` from the settings classes of the services. Do not edit. -->

Darb is configured by environment variables. Each service reads those that name it below, once, when it starts.
A value that can't work stops the start with a sentence that names the variable. A \`DARB_…\` variable that nobody
knows stops \`npm start\` and is a warning in a service started by itself. An empty value counts as unset.

\`npm start\` needs none of them: it chooses addresses, makes the secrets, and keeps them in its data folder.
With docker compose, copy [.env.example](../.env.example) to \`.env\` and fill in what is required there.
`;

/** @param {Map<string, Use[]>} variables */
export function makeConfigurationPage(variables) {
  return `${INTRODUCTION}\n${makeTable(variables)}\n`;
}

/** @param {Map<string, Use[]>} variables */
function makeTable(variables) {
  const rows = [...variables].map(([name, uses]) => row(name, uses));
  return ['| Variable | Read by | Default | What it is for |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

const README_TABLE = /(<!-- settings: made by npm run generate -->\n)[\s\S]*(<!-- settings end -->)/;

/**
 * The README with the table between its two marks.
 * @param {string} readme
 * @param {Map<string, Use[]>} variables
 */
export function withConfigurationTable(readme, variables) {
  if (!README_TABLE.test(readme))
    throw new Error('README.md has lost the marks around its table of settings.');
  return readme.replace(README_TABLE, (_all, start, end) => `${start}\n${makeTable(variables)}\n\n${end}`);
}

function row(name, uses) {
  const services = uses.map(({ service }) => service).join(', ');
  const notes = uses.some(({ isSecret }) => isSecret) ? ' Secret.' : '';
  return `| \`${name}\` | ${services} | ${defaultCell(uses)} | ${escaped(descriptionOf(uses))}${notes} |`;
}

export function descriptionOf(uses) {
  return uses[0].description;
}

function defaultCell(uses) {
  const shown = uses.map((use) => ({ service: use.service, text: defaultText(use) }));
  const distinct = new Set(shown.map(({ text }) => text));
  if (distinct.size === 1) return escaped(shown[0].text);
  return escaped(shown.map(({ service, text }) => `${service}: ${text}`).join('<br>'));
}

function defaultText(use) {
  if (use.isRequired) return '**required**';
  return use.default ?? 'unset';
}

function escaped(text) {
  return text.replaceAll('|', '\\|');
}

/** @param {Map<string, Use[]>} variables */
export function makeKnownVariables(variables) {
  const lines = [...variables].map(
    ([name, uses]) => `  ${name}: [${uses.map(({ service }) => `'${service}'`).join(', ')}],`,
  );
  return `/** Made by \`npm run generate\`: every DARB_ variable that some part of Darb reads, and who reads it. Do not edit. */
export const KNOWN_VARIABLES: Readonly<Record<string, readonly string[]>> = {
${lines.join('\n')}
};
`;
}
