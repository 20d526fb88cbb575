import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { open, seal } from './key-box.js';

describe('seal and open', () => {
  const key = randomBytes(32);

  it('keep a text, differently each time', () => {
    expect(open(key, seal(key, 'text', 'label'), 'label')).toBe('text');
    expect(seal(key, 'text', 'label')).not.toEqual(seal(key, 'text', 'label'));
  });

  it('refuse another key, another label and a changed byte', () => {
    const sealed = seal(key, 'text', 'label');
    const changed = Buffer.from(sealed);
    changed[changed.length - 1]! ^= 1;
    expect(() => open(randomBytes(32), sealed, 'label')).toThrow();
    expect(() => open(key, sealed, 'other')).toThrow();
    expect(() => open(key, changed, 'label')).toThrow();
  });
});
