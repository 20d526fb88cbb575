import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';

const PREFIX = 'darbr_';
const ID_BYTES = 16;

/**
 * A refresh token is its row's id and an HMAC of it. So a token can be made again from its id: whoever repeats a
 * refresh (a lost answer, two tabs) gets the very same successor, although only hashes are stored.
 */
export class RefreshTokenCodec {
  constructor(private readonly key: Uint8Array) {}

  encode(id: string): string {
    const bytes = Buffer.from(parse(id));
    return PREFIX + Buffer.concat([bytes, this.seal(bytes)]).toString('base64url');
  }

  /** The row's id, null when the token was not made with this key. */
  decode(token: string): string | null {
    if (!token.startsWith(PREFIX)) return null;
    const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
    const id = bytes.subarray(0, ID_BYTES);
    const expected = this.seal(id);
    const given = bytes.subarray(ID_BYTES);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return stringify(id);
  }

  hash(token: string): Buffer {
    return createHash('sha256').update(token).digest();
  }

  private seal(id: Buffer): Buffer {
    return createHmac('sha256', this.key).update(id).digest();
  }
}
