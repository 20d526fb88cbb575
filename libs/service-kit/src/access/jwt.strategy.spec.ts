import type { FastifyReply, FastifyRequest } from 'fastify';
import { generateKeyPair, SignJWT } from 'jose';
import { expect, it, vi } from 'vitest';
import { API_AUDIENCE, ISSUER } from '../tokens/internal-tokens.js';
import { JwtAuthenticator } from './jwt.strategy.js';

it('answers every one of many requests at the same moment with its own claims', async () => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const authenticator = new JwtAuthenticator(async () => publicKey);
  const users = Array.from({ length: 50 }, (_, index) => `user-${index}`);
  const authenticate = async (user: string) => {
    const token = await new SignJWT({ sid: `session-of-${user}` })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(ISSUER)
      .setAudience(API_AUDIENCE)
      .setSubject(user)
      .setExpirationTime('1m')
      .sign(privateKey);
    const request = { headers: { authorization: `Bearer ${token}` } } as FastifyRequest;
    return (await authenticator.authenticate(request, {} as FastifyReply)).sub;
  };
  expect(await Promise.all(users.map(authenticate))).toEqual(users);
});

it('does not call a token bad whose key could not be had', async () => {
  const away = new Error('the database is away');
  const authenticator = new JwtAuthenticator(() => Promise.reject(away));
  const token = `${btoa('{"alg":"EdDSA"}')}.${btoa('{}')}.AAAA`.replaceAll('=', '');
  const request = { headers: { authorization: `Bearer ${token}` } } as FastifyRequest;
  await expect(authenticator.authenticate(request, {} as FastifyReply)).rejects.toBe(away);
});

it('verifies a token once, and never takes one that has expired or differs in a single character', async () => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  let asked = 0;
  const authenticator = new JwtAuthenticator(async () => {
    asked += 1;
    return publicKey;
  });
  const token = await new SignJWT({ sid: 'session' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(ISSUER)
    .setAudience(API_AUDIENCE)
    .setSubject('ann')
    .setExpirationTime('30s')
    .sign(privateKey);
  const ask = (authorization: string) =>
    authenticator.authenticate({ headers: { authorization } } as FastifyRequest, {} as FastifyReply);
  expect((await ask(`Bearer ${token}`)).sub).toBe('ann');
  expect((await ask(`Bearer ${token}`)).sub).toBe('ann');
  expect(asked).toBe(1);
  await expect(ask(`Bearer ${token.slice(0, -2)}AA`)).rejects.toMatchObject({ code: 'token_invalid' });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 36_000 });
  await expect(ask(`Bearer ${token}`)).rejects.toMatchObject({ code: 'token_expired' });
  vi.useRealTimers();
});
