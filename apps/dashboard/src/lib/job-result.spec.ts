import { describe, expect, it } from 'vitest';
import { resultSentence } from './job-result';

describe('resultSentence', () => {
  it('says what a collection deleted, or would', () => {
    const result = { trees: 11, unknown_trees: 1, freed_bytes: 3_400_000_000 };
    expect(resultSentence({ type: 'collect', result })).toBe('Deleted 12 unused trees and freed 3.4 GB.');
    expect(resultSentence({ type: 'collect', result: { trees: 0 } })).toBe('There was nothing to delete.');
    const preview = { type: 'collect', change: { dry_run: true } };
    expect(resultSentence({ ...preview, result: { trees: 1, unknown_trees: 0 } })).toMatch(
      /^A collection would delete 1 tree\. Nothing was deleted/,
    );
    expect(resultSentence({ ...preview, result: {} })).toBe('A collection would delete nothing now.');
  });

  it('says what was found and put right', () => {
    expect(resultSentence({ type: 'verify', result: { checked: 8, damaged: 0, links_restored: 1 } })).toBe(
      '8 trees checked, none is damaged. 1 link pointed elsewhere and was put right.',
    );
    expect(resultSentence({ type: 'repair', result: { rebuilt: 2, failed: [{}] } })).toBe(
      'Rebuilt 2 damaged trees. 1 tree could not be rebuilt; the log says why.',
    );
  });

  it('has nothing to say of others', () => {
    expect(resultSentence({ type: 'install', result: { revision: 3 } })).toBeNull();
    expect(resultSentence({ type: 'collect', result: null })).toBeNull();
  });
});
