import { IsInt, Max } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { ConfigDefault, configGroups, ConfigVariable, describeConfig } from './config-variable.js';
import { JoinTokenConfig, SecretConfig, ServerConfig, ValkeyConfig } from './groups.js';
import { ConfigError, parseConfig, unknownVariables } from './parse-config.js';

@ConfigDefault('port', 8083)
class SampleConfig extends configGroups(ServerConfig, ValkeyConfig) {
  @ConfigVariable({ name: 'DARB_LIST', description: 'A list.', default: [] })
  list: string[];

  @ConfigVariable({ name: 'DARB_SECONDS', description: 'Some seconds.', default: 20 })
  @IsInt()
  @Max(100)
  seconds: number;
}

const MINIMAL = { DARB_QUEUE_VALKEY_ADDR: 'localhost:6379' };
const SECRET = 'k3J9x0PqLm27vWz8RtYb41NcHd65SgFa';

function failure(environment: Record<string, string>, configClass: new () => object = SampleConfig): string {
  try {
    parseConfig(configClass, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
}

describe('parseConfig', () => {
  it('takes defaults, the service its own', () => {
    const config = parseConfig(SampleConfig, MINIMAL);
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 8083,
      queuePrefix: 'darb',
      queueValkeyTls: false,
      list: [],
    });
  });

  it('turns text into the type of the field', () => {
    const config = parseConfig(SampleConfig, {
      ...MINIMAL,
      DARB_SERVER_PORT: '9000',
      DARB_QUEUE_VALKEY_TLS: 'TRUE',
      DARB_LIST: 'a, b,,c',
    });
    expect(config).toMatchObject({ port: 9000, queueValkeyTls: true, list: ['a', 'b', 'c'] });
  });

  it('names each wrong variable in a sentence', () => {
    const message = failure({
      DARB_SERVER_PORT: '99999',
      DARB_QUEUE_VALKEY_TLS: 'perhaps',
      DARB_SECONDS: '1e3',
    });
    expect(message.split('\n').sort()).toEqual([
      'DARB_QUEUE_VALKEY_ADDR is not set: Where Valkey (or Redis) is: host:port.',
      'DARB_QUEUE_VALKEY_TLS is "perhaps": it must be true or false.',
      'DARB_SECONDS is "1e3": it must be a number.',
      'DARB_SERVER_PORT is "99999": it must not be greater than 65535.',
    ]);
  });

  it('keeps the checks of groups and of the class apart from other classes', () => {
    class Other extends configGroups(ServerConfig) {}
    expect(parseConfig(Other, {})).toMatchObject({ port: 8080 });
  });

  it.each(['short', 'a'.repeat(40), `please-change-me-${SECRET}`])(
    'refuses the weak secret %s, without showing it',
    (value) => {
      const message = failure({ DARB_AUTH_JWT_SECRET: value }, SecretConfig);
      expect(message).toMatch(/^DARB_AUTH_JWT_SECRET: it must be at least 32 random characters/);
      expect(message).not.toContain(value);
    },
  );

  it('takes a random secret', () => {
    expect(parseConfig(SecretConfig, { DARB_AUTH_JWT_SECRET: SECRET }).authJwtSecret).toBe(SECRET);
    expect(
      parseConfig(JoinTokenConfig, { DARB_WORKER_JOIN_TOKEN: SECRET.slice(0, 16) }).workerJoinToken,
    ).toHaveLength(16);
  });

  it('takes an empty value and a Kubernetes service link for unset', () => {
    const config = parseConfig(SampleConfig, {
      ...MINIMAL,
      DARB_SERVER_PORT: 'tcp://10.0.0.1:80',
      DARB_SECONDS: '',
    });
    expect(config).toMatchObject({ port: 8083, seconds: 20 });
  });
});

describe('unknownVariables', () => {
  it('finds a misspelt setting, and no service link', () => {
    const environment = {
      ...MINIMAL,
      DARB_SERVER_PROT: '1',
      DARB_AUTH_PORT: 'tcp://10.0.0.1:8081',
      DARB_AUTH_SERVICE_HOST: '10.0.0.1',
      DARB_AUTH_PORT_8081_TCP_ADDR: '10.0.0.1',
      PATH: '/bin',
    };
    expect(unknownVariables(SampleConfig, environment)).toEqual(['DARB_SERVER_PROT']);
  });
});

describe('describeConfig', () => {
  it('lists every variable with its default, for the table', () => {
    const fields = describeConfig(SampleConfig);
    expect(fields.find(({ name }) => name === 'DARB_SERVER_PORT')).toMatchObject({
      default: 8083,
      type: 'number',
    });
    expect(fields.find(({ name }) => name === 'DARB_QUEUE_VALKEY_PASSWORD')).toMatchObject({ secret: true });
    expect(fields.map(({ name }) => name)).toContain('DARB_SECONDS');
  });
});
