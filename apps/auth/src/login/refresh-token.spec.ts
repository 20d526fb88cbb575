import { deriveKey } from '@darb/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { RefreshTokenCodec } from './refresh-token.js';

const SECRET = 'k3J9x0PqLm27vWz8RtYb41NcHd65SgFa';
const codec = new RefreshTokenCodec(deriveKey(SECRET, 'refresh-token'));

describe('RefreshTokenCodec', () => {
  it('makes the same token from the same id, and finds the id again', () => {
    const id = uuidv7();
    expect(codec.encode(id)).toBe(codec.encode(id));
    expect(codec.decode(codec.encode(id))).toBe(id);
    expect(codec.encode(uuidv7())).not.toBe(codec.encode(id));
  });

  it('knows only tokens of its own key', () => {
    const token = codec.encode(uuidv7());
    const other = new RefreshTokenCodec(deriveKey(`${SECRET}x`, 'refresh-token'));
    expect(other.decode(token)).toBeNull();
    for (const bad of ['', 'x', token.slice(0, -1), `${token}AAAA`, token.slice('darbr_'.length)]) {
      expect(codec.decode(bad)).toBeNull();
    }
  });
});
