import { describe, expect, it } from 'vitest';
import { cleanField, cleanText } from './outside-text.js';

describe('text from outside', () => {
  it('loses NULs and halves of surrogate pairs, and keeps everything else', () => {
    expect(cleanText('a\0b')).toBe('a\uFFFDb');
    expect(cleanText('x\ud83d')).toBe('x\uFFFD');
    expect(cleanText('größe 🐍\n\u001b[1m')).toBe('größe 🐍\n\u001b[1m');
  });

  it('is cut between characters, and says so', () => {
    expect(cleanField('abcdef', 6)).toBe('abcdef');
    expect(cleanField('abcdefg', 6)).toBe('abcde…');
    expect(cleanField('abcd🐍fg', 6)).toBe('abcd…');
    expect(cleanField('x'.repeat(1_000_000), 200)).toHaveLength(200);
  });
});
