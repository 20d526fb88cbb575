import { describe, expect, it } from 'vitest';
import { parseAnsi, stripAnsi } from './ansi';

const ESC = '\u001b';

describe('parseAnsi', () => {
  it('leaves plain text alone', () => {
    expect(parseAnsi('Resolved 5 packages')).toEqual([{ text: 'Resolved 5 packages', className: '' }]);
  });

  it('names the sixteen colours and decorations', () => {
    expect(parseAnsi(`${ESC}[1m${ESC}[32m+${ESC}[39m rich${ESC}[0m ok`)).toEqual([
      { text: '+', className: 'ansi-green ansi-bold' },
      { text: ' rich', className: 'ansi-bold' },
      { text: ' ok', className: '' },
    ]);
    expect(parseAnsi(`${ESC}[91merror`)).toEqual([{ text: 'error', className: 'ansi-bright-red' }]);
  });

  it('computes palette and 24-bit colours', () => {
    expect(parseAnsi(`${ESC}[38;5;208mx`)[0]).toMatchObject({ color: 'rgb(255,135,0)' });
    expect(parseAnsi(`${ESC}[38;5;244mx`)[0]).toMatchObject({ color: 'rgb(128,128,128)' });
    expect(parseAnsi(`${ESC}[48;2;1;2;3mx`)[0]).toMatchObject({ background: 'rgb(1, 2, 3)' });
  });

  it('shows no other escape, and keeps markup as text', () => {
    expect(stripAnsi(`${ESC}[2K${ESC}[1A${ESC}]0;title\u0007a${ESC}]8;;http://x${ESC}\\b${ESC}c\u0008`)).toBe(
      'ab',
    );
    expect(parseAnsi(`${ESC}[31m<b>&`)[0]?.text).toBe('<b>&');
    expect(stripAnsi(`${ESC}[38;2;1;2;3mtext${ESC}[m\tend`)).toBe('text\tend');
  });

  it('survives an escape that was cut off', () => {
    expect(stripAnsi(`text${ESC}`)).toBe('text');
    expect(() => parseAnsi(`text${ESC}[3`)).not.toThrow();
  });
});
