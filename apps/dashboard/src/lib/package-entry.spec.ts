import { describe, expect, it } from 'vitest';
import { addSpecs, splitSpecs } from './package-entry';

describe('splitSpecs', () => {
  it('keeps a spec with commas and spaces whole', () => {
    expect(splitSpecs('httpx >=0.27, <1')).toEqual(['httpx >=0.27, <1']);
  });

  it('reads a pasted requirements file', () => {
    expect(splitSpecs('# tools\r\nrich==13.9  # pretty\n\n  numpy\nx#y\n')).toEqual([
      'rich==13.9',
      'numpy',
      'x#y',
    ]);
  });
});

describe('addSpecs', () => {
  it('keeps order and says nothing twice', () => {
    expect(addSpecs(['rich'], 'numpy\nrich\nnumpy')).toEqual(['rich', 'numpy']);
  });
});
