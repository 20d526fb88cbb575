import { describe, expect, it } from 'vitest';
import { environmentOf, refuseUnknownVariables } from './variables.js';

describe('DARB_ variables', () => {
  it('lets known names and everybody else pass', () => {
    expect(() => refuseUnknownVariables({ DARB_SERVER_PORT: '1', PATH: '/bin', DARBY: 'x' })).not.toThrow();
  });

  it('names the nearest setting when one is misspelt', () => {
    expect(() => refuseUnknownVariables({ DARB_SERVER_PROT: '1' })).toThrow(
      /Did you mean DARB_SERVER_PORT\?/,
    );
  });

  it('suggests nothing for a name that resembles none', () => {
    expect(() => refuseUnknownVariables({ DARB_QQ: '1' })).toThrow(/DARB_QQ is no setting of Darb\.\n/);
  });
});

describe('the environment of a service', () => {
  const env = {
    PATH: '/bin',
    DARB_AUTH_JWT_SECRET: 's',
    DARB_DATABASE_DSN: 'd',
    DARB_WORKER_CONCURRENCY: '3',
  };

  it('never gives a worker the database or the master secret', () => {
    expect(environmentOf('worker', env)).toEqual({ PATH: '/bin', DARB_WORKER_CONCURRENCY: '3' });
  });

  it('gives auth what auth reads', () => {
    expect(environmentOf('auth', env)).toEqual({
      PATH: '/bin',
      DARB_AUTH_JWT_SECRET: 's',
      DARB_DATABASE_DSN: 'd',
    });
  });
});
