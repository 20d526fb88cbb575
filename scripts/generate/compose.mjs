import { descriptionOf } from './configuration.mjs';

/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}`; `$$` is a dollar sign. */
const INTERPOLATION = /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?([-?])([^}]*))?\}/g;

/**
 * What docker-compose.yml takes from its surroundings, in the order in which it first does.
 * @param {string} text
 * @returns {Map<string, {default: string | null, message: string | null}>}
 */
export function composeSettings(text) {
  const settings = new Map();
  for (const [, name, operator, operand] of text.matchAll(INTERPOLATION)) {
    const known = settings.get(name) ?? { default: null, message: null };
    if (operator === '-') known.default ??= operand;
    if (operator === '?') known.message ??= operand;
    settings.set(name, known);
  }
  return settings;
}

/**
 * Puts values into the text as docker compose does.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function interpolate(text, values) {
  return text
    .replaceAll(INTERPOLATION, (_all, name, operator, operand) => {
      const value = values[name];
      if (value) return value;
      if (operator === '?') throw new Error(`${name}: ${operand}`);
      return operator === '-' ? operand : '';
    })
    .replaceAll('$$', '$');
}

const HEADER = `# Settings for docker compose. Copy this file to .env and fill in what is required.
# Made by \`npm run generate\` from docker-compose.yml. Every setting: docs/configuration.md
`;

/**
 * @param {ReturnType<typeof composeSettings>} settings
 * @param {Awaited<ReturnType<typeof import('./configuration.mjs').readVariables>>} variables
 */
export function makeEnvironmentExample(settings, variables) {
  const entries = [...settings].map(([name, setting]) => ({ name, ...setting }));
  const required = entries.filter(({ message }) => message !== null);
  const others = entries.filter(({ message }) => message === null);
  return [
    HEADER,
    '# Required\n',
    ...required.map((entry) => `# ${explain(entry, variables)}\n${entry.name}=\n`),
    '# Optional, with their defaults\n',
    ...others.map((entry) => `# ${explain(entry, variables)}\n# ${entry.name}=${entry.default ?? ''}\n`),
  ].join('\n');
}

function explain({ name, message }, variables) {
  const uses = variables.get(name);
  return message ?? (uses ? descriptionOf(uses) : OWN[name]) ?? name;
}

/** Settings of the compose file itself, which no service reads under this name. */
const OWN = {
  IMAGE_TAG: "Version of Darb's images.",
};
