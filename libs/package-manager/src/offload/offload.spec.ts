/** Texts of any size and shape leave the event loop free, and end within their bounds. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { checkLockfile, parseManifest } from '../check-texts.js';
import { readLock } from '../uv/project.js';

/** Longest time in which nothing else had its turn, while the work was done. */
async function withDelay<T>(work: () => Promise<T>): Promise<{ result: T; delayMs: number }> {
  const histogram = monitorEventLoopDelay({ resolution: 5 });
  histogram.enable();
  const result = await work();
  histogram.disable();
  return { result, delayMs: histogram.max / 1e6 };
}

/** A busy machine delays a loop as well; parsed on it, each of these texts holds it for seconds. */
const FREE_MS = 1_000;

const HASH = `sha256:${'a'.repeat(64)}`;
function lockOf(count: number): string {
  const packages = Array.from({ length: count }, (_, at) => {
    const url = `https://files.example/pkg_${at}-1.0-py3-none-any.whl`;
    const dependencies = at + 1 < count ? `dependencies = [\n    { name = "pkg-${at + 1}" },\n]\n` : '';
    const wheels = Array.from({ length: 3 }, () => `    { url = "${url}", hash = "${HASH}" },\n`).join('');
    return `[[package]]\nname = "pkg-${at}"\nversion = "1.0"\nsource = { registry = "https://index.example/simple" }\n${dependencies}wheels = [\n${wheels}]\n`;
  });
  const root =
    '[[package]]\nname = "z"\nversion = "0.1.0"\nsource = { virtual = "." }\ndependencies = [\n    { name = "pkg-0" },\n]\n';
  return ['version = 1\nrevision = 3\nrequires-python = ">=3.11"\n', ...packages, root].join('\n');
}

const SIZE = 3_800_000;
const nested = (depth: number) => {
  const one = `${'['.repeat(depth)}${']'.repeat(depth)},\n`;
  return `version = 1\nx = [${one.repeat(Math.floor(SIZE / one.length))}]\n`;
};
const HOSTILE: [string, string][] = [
  ['one array as deep as the file', `version = 1\nx = ${'['.repeat(SIZE / 2)}${']'.repeat(SIZE / 2)}\n`],
  ['deep arrays side by side', nested(900)],
  ['shallow arrays side by side', nested(40)],
  ['one key with a million dots', `a${'.a'.repeat(SIZE / 2 - 10)}=1\n`],
  ['endless tables', Array.from({ length: 300_000 }, (_, at) => `[t${at}]`).join('\n')],
  ['endless packages', '[[package]]\n'.repeat(300_000)],
];

describe('a lockfile', { timeout: 60_000 }, () => {
  it.each(HOSTILE)('of %s is refused, and others have their turn meanwhile', async (_name, text) => {
    const { result, delayMs } = await withDelay(() => checkLockfile('uv', text));
    expect(result).toMatchObject({ ok: false, errors: [{ code: 'lockfile_invalid' }] });
    expect(delayMs).toBeLessThan(FREE_MS);
  });

  it('of 4,000 packages is read beside everything else, by services and by workers', async () => {
    const text = lockOf(4_000);
    const python = { implementation: 'cpython', version: '3.12.1', abi: 'cp312', path: '/usr/bin/python3' };
    const { result, delayMs } = await withDelay(async () => ({
      checked: await checkLockfile('uv', text),
      read: await readLock(text, python),
    }));
    expect(result.checked).toEqual({ ok: true, lockfile: { packageCount: 4_001 } });
    expect(result.read.packages).toHaveLength(4_000);
    expect(delayMs).toBeLessThan(FREE_MS);
  });

  it('that is refused leaves room for the next: also when many come at once', async () => {
    const [, text] = HOSTILE[3]!;
    const results = await Promise.all(
      [text, text, text, lockOf(2_000)].map((one) => checkLockfile('uv', one)),
    );
    expect(results.map((one) => one.ok)).toEqual([false, false, false, true]);
  });
});

it('tells a manifest that is no text, whatever its size', async () => {
  expect(await parseManifest('uv', 5)).toMatchObject({ ok: false, errors: [{ code: 'manifest_invalid' }] });
});
