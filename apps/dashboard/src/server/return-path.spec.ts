import { describe, expect, it } from 'vitest';
import { HOME, loginPath, safeReturnPath } from './return-path';

describe('safeReturnPath', () => {
  it.each(['/jobs', '/jobs/0198?tab=log#line-4', '/environments/a%2Fb', '/environments?search=x'])(
    'keeps %s',
    (path) => expect(safeReturnPath(path)).toBe(path),
  );

  it.each([
    undefined,
    null,
    '',
    'jobs',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/login',
    '/login?next=/login',
    '/bff/api/v1/jobs',
    '/',
    `/${'x'.repeat(3000)}`,
  ])('sends %j home', (path) => expect(safeReturnPath(path)).toBe(HOME));

  it('takes nothing from a repeated parameter', () => {
    expect(safeReturnPath(['/jobs', '//evil.example'])).toBe(HOME);
  });
});

describe('loginPath', () => {
  it('carries the page, and leaves the home page out', () => {
    expect(loginPath('/jobs/1?x=y')).toBe('/login?next=%2Fjobs%2F1%3Fx%3Dy');
    expect(loginPath('/environments')).toBe('/login');
    expect(loginPath('//evil.example')).toBe('/login');
  });
});
