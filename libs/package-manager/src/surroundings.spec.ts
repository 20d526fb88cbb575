/** Guarantee: a tool's environment is an allow-list (DESIGN §3, 8). */
import { expect, it } from 'vitest';
import { allowedEnvironment, proxySecrets } from './surroundings.js';

it('lets certificates and proxies through, and nothing else', () => {
  const passed = allowedEnvironment({
    SSL_CERT_FILE: '/etc/ssl/ca.crt',
    HTTPS_PROXY: 'http://me:secret@proxy:3128',
    no_proxy: 'localhost',
    http_proxy: '',
    PATH: '/home/me/bin',
    HOME: '/home/me',
    LD_PRELOAD: '/tmp/x.so',
    PYTHONPATH: '/tmp',
    VIRTUAL_ENV: '/tmp/v',
    UV_INSECURE_HOST: '*',
    UV_INDEX: 'http://x',
    PIXI_FROZEN: '1',
    NODE_OPTIONS: '--inspect',
    DARB_WORKER_JOIN_TOKEN: 'secret',
  });
  expect(passed).toEqual({
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    SSL_CERT_FILE: '/etc/ssl/ca.crt',
    HTTPS_PROXY: 'http://me:secret@proxy:3128',
    no_proxy: 'localhost',
  });
});

it('names the secrets in proxy addresses', () => {
  expect(proxySecrets({ HTTPS_PROXY: 'http://me:a%20b@proxy:3128', NO_PROXY: 'x' })).toEqual([
    'a%20b',
    'a b',
  ]);
});
