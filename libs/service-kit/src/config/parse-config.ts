import { validateSync } from 'class-validator';
import type { ConfigField } from './config-variable.js';
import { describeConfig } from './config-variable.js';

/** One or more settings are wrong; `message` has one sentence for each, naming the variable. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

type Environment = Record<string, string | undefined>;

const SERVICE_LINK_NAME = /^DARB_.*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\d+_(TCP|UDP)(_.*)?)$/;
const SERVICE_LINK_VALUE = /^(tcp|udp|sctp):\/\//;

/** Kubernetes injects these for every Service of the namespace; they are not settings. */
function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK_VALUE.test(value) || SERVICE_LINK_NAME.test(name);
}

/** Parses and checks the environment once. An empty value counts as unset. Throws ConfigError. */
export function parseConfig<T extends object>(configClass: new () => T, environment: Environment): T {
  const config = new configClass();
  const fields = describeConfig(configClass);
  const problems: string[] = [];
  const broken = new Set<string>();
  for (const field of fields) {
    try {
      (config as Record<string, unknown>)[field.property] = readField(field, environment);
    } catch (error) {
      problems.push((error as Error).message);
      broken.add(field.property);
    }
  }
  for (const error of validateSync(config, { forbidUnknownValues: false })) {
    if (broken.has(error.property)) continue;
    const field = fields.find(({ property }) => property === error.property);
    const reasons = Object.values(error.constraints ?? {}).map((text) =>
      text.startsWith(`${error.property} `) ? text.slice(error.property.length + 1) : text,
    );
    const value = field?.secret ? '' : ` is "${String(error.value)}"`;
    problems.push(`${field?.name ?? error.property}${value}: it ${reasons.join(' and ')}.`);
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config;
}

/** Names that start with DARB_ and are no setting of this class. */
export function unknownVariables(configClass: new () => object, environment: Environment): string[] {
  const known = new Set(describeConfig(configClass).map(({ name }) => name));
  return Object.entries(environment)
    .filter(
      ([name, value]) => name.startsWith('DARB_') && !known.has(name) && !isServiceLink(name, value ?? ''),
    )
    .map(([name]) => name);
}

function readField(field: ConfigField, environment: Environment): unknown {
  const text = environment[field.name]?.trim();
  if (!text || SERVICE_LINK_VALUE.test(text)) {
    if (field.default !== undefined) return field.default;
    if (field.optional) return undefined;
    throw new Error(`${field.name} is not set: ${field.description}`);
  }
  if (field.parse) return field.parse(text);
  const shown = field.secret ? '' : ` is "${text}"`;
  switch (field.type) {
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error(`${field.name}${shown}: it must be a number.`);
      return Number(text);
    case 'boolean':
      if (!/^(true|false|1|0)$/i.test(text))
        throw new Error(`${field.name}${shown}: it must be true or false.`);
      return /^(true|1)$/i.test(text);
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean);
    default:
      return text;
  }
}
