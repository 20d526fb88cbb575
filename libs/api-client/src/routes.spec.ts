import { describe, expect, it } from 'vitest';
import { isPlainPath, isPrivatePath, serviceOfPath } from './routes.js';

describe('serviceOfPath', () => {
  it.each([
    ['/api/v1/auth/login', 'auth'],
    ['/api/v1/users', 'auth'],
    ['/api/v1/environments', 'environments'],
    ['/api/v1/environments/0190/packages', 'environments'],
    ['/api/v1/package-managers', 'environments'],
    ['/api/v1/jobs/0190/logs/stream', 'jobs'],
    ['/api/v1/events', 'jobs'],
    ['/api/v1/health', 'gateway'],
    ['/api/v1/nothing', 'gateway'],
    ['/api/v1/constructor', 'gateway'],
    ['/api/v1', 'gateway'],
    ['/health/ready', 'gateway'],
    ['/docs/openapi.json', 'gateway'],
    ['/healthy', 'dashboard'],
    ['/documents', 'dashboard'],
    ['/', 'dashboard'],
    ['/environments/0190', 'dashboard'],
    ['/bff/environments', 'dashboard'],
    ['/api/v10/jobs', 'dashboard'],
  ])('sends %s to %s', (path, service) => {
    expect(serviceOfPath(path)).toBe(service);
  });
});

describe('isPlainPath', () => {
  it.each([
    '/',
    '/api/v1/jobs',
    '/_next/static/a%20b.js',
    '/api/v1/packages/x%40y',
    '/a/..b',
    '/a/.well-known',
  ])('accepts %s', (path) => expect(isPlainPath(path)).toBe(true));

  it.each([
    '',
    'internal/jobs',
    '//internal/jobs',
    '/api/v1/jobs/../../../internal/workers',
    '/api/v1/jobs/./x',
    '/%2e%2e/internal',
    '/api%2Fv1/jobs',
    '/api/v1/jobs/%2e%2e/internal',
    '/api/v1/jobs\\..\\internal',
    '/api/v1/jobs/%5c..',
    '/api/v1/%252e%252e/internal',
    '/api/v1/jobs/%00',
    '/api/v1/jobs/%zz',
    '/api/v1/jobs/\u0001',
  ])('refuses %j', (path) => expect(isPlainPath(path)).toBe(false));
});

describe('isPrivatePath', () => {
  it.each([
    '/internal',
    '/internal/workers',
    '/INTERNAL/workers',
    '/%69nternal/workers',
    '/internal-anything',
    '/metrics',
    '/Metrics/',
    '/openapi.json',
    '/api/v1/internal/workers',
    '/api/v1/metrics',
    '/api/v1/openapi.json',
  ])('hides %s', (path) => expect(isPrivatePath(path)).toBe(true));

  it.each([
    '/',
    '/api/v1/jobs',
    '/api/v1/environments/internal',
    '/docs/openapi.json',
    '/environments/metrics',
  ])('shows %s', (path) => expect(isPrivatePath(path)).toBe(false));
});
