import { describe, expect, it } from 'vitest';
import { addSpecs, splitSpecs } from './package-entry';

describe('splitSpecs', () => {
  it('keeps a spec with commas and spaces whole', () => {
    expect(splitSpecs('httpx >=0.27, <1')).toEqual(['httpx >=0.27, <1']);
  });

  it('takes several packages on one line, as on a command line', () => {
    expect(splitSpecs('rich httpx[http2]>=0.27  pandas')).toEqual(['rich', 'httpx[http2]>=0.27', 'pandas']);
  });

  it.each(["x; python_version < '3.12'", 'numpy 1.26 py312_0', 'x @ https://example.org/x.whl', 'a >= 1'])(
    'leaves %s to the API as one spec',
    (line) => expect(splitSpecs(line)).toEqual([line]),
  );

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
