import { describe, expect, it } from 'vitest';
import { parseDashboardConfig } from './config';

const GOOD = {
  DARB_AUTH_URL: 'http://auth:8081/',
  DARB_ENVIRONMENTS_URL: 'http://environments:8082',
  DARB_JOBS_URL: 'http://jobs:8083',
  DARB_AUTH_JWT_SECRET: 's'.repeat(32),
};

describe('parseDashboardConfig', () => {
  it('takes the minimum and fills the defaults', () => {
    expect(parseDashboardConfig(GOOD)).toEqual({
      authUrl: 'http://auth:8081',
      environmentsUrl: 'http://environments:8082',
      jobsUrl: 'http://jobs:8083',
      secret: 's'.repeat(32),
      publicUrl: null,
      instance: 'darb',
    });
  });

  it('reduces the public URL to its origin', () => {
    const config = parseDashboardConfig({ ...GOOD, DARB_PUBLIC_URL: 'https://darb.example.org/' });
    expect(config.publicUrl).toBe('https://darb.example.org');
  });

  it.each([
    ['DARB_AUTH_URL', undefined],
    ['DARB_JOBS_URL', 'jobs:8083'],
    ['DARB_ENVIRONMENTS_URL', 'file:///etc/passwd'],
    ['DARB_AUTH_JWT_SECRET', 'short'],
    ['DARB_PUBLIC_URL', 'darb.example.org'],
    ['DARB_INSTANCE', 'a;b'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => parseDashboardConfig({ ...GOOD, [name]: value })).toThrow(name);
  });
});
