import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InstanceRole } from '@darb/models';
import type { CryptoKey, JWK } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { API_AUDIENCE, ISSUER } from '../tokens/internal-tokens.js';

/** Anything with `query(sql, parameters)`: a DataSource, an EntityManager, a pg client. */
interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

export interface TestUser {
  userId: string;
  organizationId: string;
  sessionId: string;
  token: string;
  /** `Authorization` header value. */
  authorization: string;
}

/** Stands in for the auth service in another service's integration tests: serves a JWKS and makes users with tokens. */
export class TestIdentity {
  private constructor(
    private readonly server: Server,
    private readonly privateKey: CryptoKey,
    /** For DARB_AUTH_URL. */
    readonly url: string,
  ) {}

  static async start(): Promise<TestIdentity> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' };
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestIdentity(server, privateKey, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** A user with a personal organization, a live session and a token for it. */
  async createUser(database: Queryable, username: string, role: InstanceRole = 'user'): Promise<TestUser> {
    const [userId, organizationId, sessionId] = [uuidv7(), uuidv7(), uuidv7()];
    await database.query(
      `INSERT INTO auth.users (id, username, password_hash, role) VALUES ($1, $2, 'none', $3)`,
      [userId, username, role],
    );
    await database.query(`INSERT INTO auth.organizations (id, name, personal_user_id) VALUES ($1, $2, $3)`, [
      organizationId,
      username,
      userId,
    ]);
    await database.query(
      `INSERT INTO auth.memberships (user_id, organization_id, role) VALUES ($1, $2, 'owner')`,
      [userId, organizationId],
    );
    await database.query(
      `INSERT INTO auth.sessions (id, user_id, kind, expires_at) VALUES ($1, $2, 'api', now() + interval '1 day')`,
      [sessionId, userId],
    );
    const token = await this.sign(userId, sessionId);
    return { userId, organizationId, sessionId, token, authorization: `Bearer ${token}` };
  }

  sign(userId: string, sessionId: string, expiresIn = '10m'): Promise<string> {
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'test' })
      .setIssuer(ISSUER)
      .setAudience(API_AUDIENCE)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(expiresIn)
      .sign(this.privateKey);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
