import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { errors, jwtVerify } from 'jose';
import passport from 'passport';
import passportJwt from 'passport-jwt';
import { Problem } from '../http/problem.js';
import { API_AUDIENCE, ISSUER } from '../tokens/internal-tokens.js';

const STRATEGY = 'jwt';
/**
 * How long a verified token need not be verified again. Checking a signature is a quarter of the work of a read, and
 * the answer can't change: only the key can be retired, and whether the session lives is asked every second anyway.
 */
const VERIFIED_FOR_MS = 60_000;
const MOST_VERIFIED = 10_000;

interface VerifyOptions {
  issuer: string;
  audience: string;
  algorithms: string[];
}

// passport-jwt verifies with jsonwebtoken, which knows no EdDSA; this static member is its hook for another verifier.
(passportJwt.Strategy as unknown as { JwtVerifier: unknown }).JwtVerifier = (
  token: string,
  getKey: JWTVerifyGetKey,
  options: VerifyOptions,
  done: (error: unknown, payload?: JWTPayload) => void,
) => {
  jwtVerify(token, getKey, { ...options, requiredClaims: ['sub', 'sid', 'exp'], clockTolerance: 5 }).then(
    ({ payload }) => done(null, payload),
    (error: unknown) => done(error instanceof errors.JOSEError ? error : new KeyUnavailable(error)),
  );
};

/** The token was not judged, because its key could not be had. Passport knows only tokens that are bad. */
class KeyUnavailable {
  constructor(readonly reason: unknown) {}
}

/**
 * Verifies a bearer token and answers its claims. It has a Passport of its own, because the names of the default one
 * are shared by the whole process (two services in one test). The strategy has to be found by name: Passport writes
 * each request's callbacks on the strategy, and only by name does it make a copy for each request.
 */
export class JwtAuthenticator {
  private readonly passport = new passport.Passport();
  private readonly verified = new Map<string, { claims: JWTPayload; until: number }>();

  constructor(getKey: JWTVerifyGetKey) {
    const strategy = new passportJwt.Strategy(
      {
        jwtFromRequest: passportJwt.ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: (_request, _token, done) => done(null, getKey as never),
        issuer: ISSUER,
        audience: API_AUDIENCE,
        algorithms: ['EdDSA' as never],
      },
      (payload: JWTPayload, done: (error: unknown, user?: JWTPayload) => void) => done(null, payload),
    );
    this.passport.use(STRATEGY, strategy);
  }

  /** @throws Problem 401, or what kept the key from being had */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<JWTPayload> {
    const { authorization } = request.headers;
    const known = authorization === undefined ? undefined : this.verified.get(authorization);
    if (known && Date.now() < known.until) return known.claims;
    const claims = await this.verify(request, reply);
    if (authorization !== undefined) this.remember(authorization, claims);
    return claims;
  }

  private remember(authorization: string, claims: JWTPayload): void {
    const until = Math.min(Date.now() + VERIFIED_FOR_MS, (claims.exp ?? 0) * 1000);
    this.verified.delete(authorization);
    this.verified.set(authorization, { claims, until });
    // Insertion order is age order: the oldest go first.
    for (const [oldest, entry] of this.verified) {
      if (this.verified.size <= MOST_VERIFIED && Date.now() < entry.until) break;
      this.verified.delete(oldest);
    }
  }

  private verify(request: FastifyRequest, reply: FastifyReply): Promise<JWTPayload> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, payload: JWTPayload | false | null, info: unknown) => {
        if (error) reject(error as Error);
        else if (payload) resolve(payload);
        else reject(refused(request, info) as Error);
      };
      const middleware = this.passport.authenticate(STRATEGY, { session: false }, done) as (
        request: unknown,
        reply: unknown,
        next: (error?: unknown) => void,
      ) => void;
      middleware(request, reply, reject);
    });
  }
}

export function unauthenticated(code: string, detail: string): Problem {
  return new Problem(401, code, detail, { headers: { 'www-authenticate': 'Bearer realm="darb"' } });
}

function refused(request: FastifyRequest, info: unknown): unknown {
  if (info instanceof KeyUnavailable) return info.reason;
  if (!request.headers.authorization) {
    return unauthenticated('unauthenticated', 'Sign in and send the token as Authorization: Bearer.');
  }
  if (info instanceof errors.JWTExpired) {
    return unauthenticated(
      'token_expired',
      'The token has expired; get another one with POST /api/v1/auth/refresh.',
    );
  }
  return unauthenticated('token_invalid', 'The token is not one that this Darb has issued; sign in again.');
}
