import { expect, it } from 'vitest';
import { valkeyOptionsFromConfig } from './connection.js';

it('takes host:port, with TLS and a password', () => {
  expect(valkeyOptionsFromConfig({ addr: '127.0.0.1:6379' })).toEqual({ host: '127.0.0.1', port: 6379 });
  expect(valkeyOptionsFromConfig({ addr: '[::1]:7000' })).toEqual({ host: '::1', port: 7000 });
  expect(valkeyOptionsFromConfig({ addr: 'valkey.internal:6379', password: 'p', tls: true })).toEqual({
    host: 'valkey.internal',
    port: 6379,
    password: 'p',
    tls: { servername: 'valkey.internal' },
  });
});

it.each(['', 'localhost', 'localhost:', ':6379', 'redis://localhost:6379', 'h:99999', 'h:0'])(
  'refuses %j with a sentence',
  (addr) => expect(() => valkeyOptionsFromConfig({ addr })).toThrow(/must be host:port/),
);
