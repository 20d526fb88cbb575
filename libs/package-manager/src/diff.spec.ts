import { expect, it } from 'vitest';
import { diffPackages } from './diff.js';

const one = (name: string, version: string, build: string | null = null) => ({
  name,
  version,
  build,
  kind: 'conda' as const,
});

it('tells upgrades from downgrades by version, not by text', () => {
  const before = [one('a', '1.9'), one('b', '2.0'), one('c', '1', 'h0'), one('d', '1'), one('e', '1')];
  const after = [one('a', '1.10'), one('b', '1.10'), one('c', '1', 'h1'), one('d', '1'), one('f', '1')];
  expect(diffPackages(before, after)).toEqual({
    added: [{ name: 'f', from: null, to: '1' }],
    removed: [{ name: 'e', from: '1', to: null }],
    upgraded: [{ name: 'a', from: '1.9', to: '1.10' }],
    downgraded: [{ name: 'b', from: '2.0', to: '1.10' }],
    changed: [{ name: 'c', from: 'h0', to: 'h1' }],
    unchanged_count: 1,
  });
});
