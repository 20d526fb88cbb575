import { describe, expect, it } from 'vitest';
import { CONTINUED, LineSplitter, MAX_LINE_LENGTH } from './line-splitter.js';

function split(...chunks: (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  splitter.end();
  return lines;
}

describe('LineSplitter loses no line and invents none', () => {
  it('joins lines across chunks and keeps empty ones', () => {
    expect(split('a\nb', 'c\n\nd')).toEqual(['a', 'bc', '', 'd']);
    expect(split('a\n')).toEqual(['a']);
    expect(split('')).toEqual([]);
  });

  it('takes CRLF as one newline, also across chunks', () => {
    expect(split('a\r\nb\r', '\nc')).toEqual(['a', 'b', 'c']);
  });

  it('keeps only the last state of a progress line', () => {
    expect(split('10%\r50%\r', '100%\n', 'done\n')).toEqual(['100%', 'done']);
    expect(split('10%\r20%\r\r\n')).toEqual(['20%']);
    expect(split('10%\r', '20%\r', '30%')).toEqual(['30%']);
  });

  it('keeps colours', () => {
    expect(split('\u001b[31merror\u001b[0m\n')).toEqual(['\u001b[31merror\u001b[0m']);
  });

  it('keeps a character whose bytes arrive apart, and replaces bytes that are none', () => {
    const euro = Buffer.from('€');
    expect(split(euro.subarray(0, 1), euro.subarray(1), '\n')).toEqual(['€']);
    expect(split(Buffer.from([0x61, 0xff, 0x62, 0x00, 0x0a]))).toEqual(['a\uFFFDb\uFFFD']);
  });

  it('cuts a long line into marked pieces that add up to it', () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH * 2 + 5);
    const pieces = split(long.slice(0, 20_000), `${long.slice(20_000)}\nnext\n`);
    expect(pieces.at(-1)).toBe('next');
    const cut = pieces.slice(0, -1);
    expect(cut.slice(1).every((piece) => piece.startsWith(CONTINUED))).toBe(true);
    expect(cut.map((piece) => piece.replace(CONTINUED, '')).join('')).toBe(long);
  });

  it('does not cut inside a word near the limit, nor inside a surrogate pair', () => {
    const word = `${'a '.repeat(MAX_LINE_LENGTH / 2 - 10)}https://user:secretsecretsecretsecret@host/`;
    expect(split(word).some((piece) => piece.includes('https://user:secretsecretsecretsecret@host/'))).toBe(
      true,
    );
    const pairs = split('😀'.repeat(MAX_LINE_LENGTH));
    expect(pairs.every((piece) => piece.isWellFormed())).toBe(true);
  });
});
