import { createHash } from 'node:crypto';
import type { ArchiveEntry } from './archives.js';
import type { PackageDescription } from './distributions.js';

/** Deterministic bytes that do not compress. */
function noise(seed: string, sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update(seed).digest();
}

/** Leaves `pth-was-run` in the prefix and says so when an interpreter starts with `site` on. */
const PTH =
  'import sys; sys.stderr.write("pth-was-run\\n"); open(sys.prefix + "/pth-was-run", "w").close()\n';

function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function large(name: string, sizeBytes: number): PackageDescription {
  const path = `${name.replaceAll('-', '_')}/data.bin`;
  return { name, version: '1.0', files: [{ path, data: noise(name, sizeBytes) }] };
}

function manyFiles(count: number): ArchiveEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `many_files/part_${String(Math.floor(index / 500)).padStart(3, '0')}/file_${index}.txt`,
    data: `${index}\n`,
  }));
}

/** `chain-00` … `chain-49`: fifty packages, each needing the one before. The last one installs them all. */
export const CHAIN_LENGTH = 50;

function chain(): PackageDescription[] {
  const name = (index: number) => `chain-${String(index).padStart(2, '0')}`;
  return Array.from({ length: CHAIN_LENGTH }, (_, index) => ({
    name: name(index),
    version: '1.0',
    requires: index > 0 ? [name(index - 1)] : [],
    files: [{ path: `${name(index).replace('-', '_')}/data.bin`, data: noise(name(index), 4096) }],
  }));
}

/**
 * What the local index holds. Names are stable, tests rely on them; add, never change.
 * An entry is a function so that nothing is built before somebody asks for it.
 */
export const CATALOG: Record<string, () => PackageDescription[]> = {
  /** Two majors, for updates and for the conflict of beta with gamma. */
  alpha: () => [
    { name: 'alpha', version: '1.0', summary: 'The first one', licenseExpression: 'MIT' },
    { name: 'alpha', version: '2.0', summary: 'The first one', licenseExpression: 'MIT' },
  ],
  beta: () => [{ name: 'beta', version: '1.0', requires: ['alpha>=2'] }],
  gamma: () => [{ name: 'gamma', version: '1.0', requires: ['alpha<2'] }],
  'needs-missing': () => [{ name: 'needs-missing', version: '1.0', requires: ['no-such-package'] }],
  'needs-new-python': () => [{ name: 'needs-new-python', version: '1.0', requiresPython: '>=3.99' }],
  'sdist-only': () => [{ name: 'sdist-only', version: '1.0', kind: 'sdist' }],
  'with-pth': () => [{ name: 'with-pth', version: '1.0', files: [{ path: 'with_pth.pth', data: PTH }] }],
  'with-script': () => [
    { name: 'with-script', version: '1.0', scripts: { 'darb-hello': 'with_script:main' } },
  ],
  licensed: () => [{ name: 'licensed', version: '1.0', licenseExpression: 'BSD-3-Clause' }],
  'licensed-by-field': () => [{ name: 'licensed-by-field', version: '1.0', license: 'Apache-2.0' }],
  'licensed-by-classifier': () => [
    {
      name: 'licensed-by-classifier',
      version: '1.0',
      classifiers: ['License :: OSI Approved :: MIT License'],
    },
  ],
  // A NUL where a package speaks of itself: Postgres takes none, so nobody may pass it on.
  'nul-in-requires': () => [{ name: 'nul-in-requires', version: '1.0', requires: ['alpha\0'] }],
  'nul-in-marker': () => [
    { name: 'nul-in-marker', version: '1.0', requires: ['alpha; python_version > "3\0"'] },
  ],
  'nul-in-license': () => [{ name: 'nul-in-license', version: '1.0', license: 'M\0IT' }],
  'nul-in-expression': () => [{ name: 'nul-in-expression', version: '1.0', licenseExpression: 'MIT\0' }],
  'nul-in-name': () => [{ name: 'nul-in-name', version: '1.0', headers: { Name: 'nul-in-name\0' } }],
  'nul-in-version': () => [{ name: 'nul-in-version', version: '1.0', headers: { Version: '1.0\0' } }],
  'nul-in-record': () => [
    { name: 'nul-in-record', version: '1.0', extraRecord: ['nul_in_record/a\0b.txt,,'] },
  ],
  /** RECORD in the hexadecimal that some build tools wrote. */
  'hex-record': () => [
    {
      name: 'hex-record',
      version: '1.0',
      files: [{ path: 'hex_record/data.txt', data: 'data\n' }],
      recordedDigests: { 'hex_record/data.txt': `sha256=${hexOf('data\n')}` },
    },
  ],
  /** RECORD contradicts the archive that it is in. */
  'stale-record': () => [
    {
      name: 'stale-record',
      version: '1.0',
      files: [{ path: 'stale_record/data.txt', data: 'new\n' }],
      recordedDigests: { 'stale_record/data.txt': `sha256=${hexOf('old\n')}` },
    },
  ],
  // Two packages with one path: the contents differ, or are equal.
  'shares-path': () => [
    {
      name: 'shares-path',
      version: '1.0',
      requires: ['shares-path-too'],
      files: [
        { path: 'shared_path/differs.txt', data: 'one\n' },
        { path: 'shared_path/equal.txt', data: 'same\n' },
      ],
    },
  ],
  'shares-path-too': () => [
    {
      name: 'shares-path-too',
      version: '1.0',
      files: [
        { path: 'shared_path/differs.txt', data: 'other\n' },
        { path: 'shared_path/equal.txt', data: 'same\n' },
      ],
    },
  ],
  /** Its licence is longer than anybody wants to see. */
  'long-license': () => [{ name: 'long-license', version: '1.0', license: 'x'.repeat(100_000) }],
  'withdrawn-release': () => [
    { name: 'withdrawn-release', version: '1.0' },
    { name: 'withdrawn-release', version: '1.1', yanked: true },
  ],
  /** Its name is spelt differently in URLs, in the wheel's name and in METADATA. */
  'mixed-case-name': () => [{ name: 'Mixed.Case_Name', version: '1.0' }],
  /** Large enough to be cancelled in the middle; see `throttle`. */
  'slow-download': () => [large('slow-download', 8 * 1024 * 1024)],
  // The same, one for each test that shares a download cache with others.
  ...Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => `slow-download-${index + 1}`).map((name) => [
      name,
      () => [large(name, 1024 * 1024)],
    ]),
  ),
  'many-files': () => [{ name: 'many-files', version: '1.0', files: manyFiles(20_000) }],
  ...Object.fromEntries(chain().map((description) => [description.name, () => [description]])),
};
