import { describe, expect, it } from 'vitest';
import { retentionSentences } from './retention';

describe('retentionSentences', () => {
  it('says settings in words, also one that it does not know', () => {
    expect(
      retentionSentences({ tree_seconds: 604_800, verify_seconds: 129_600, other_thing_seconds: 90 }),
    ).toEqual([
      'A tree that no revision needs is deleted after 7 days.',
      'The trees of a store are verified every 36 hours.',
      'Other thing: 90 seconds.',
    ]);
  });
});
