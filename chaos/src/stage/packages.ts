/** Packages for the load: many combinations, so that most changes build a tree, and some that arrive slowly. */
import { createHash } from 'node:crypto';
import type { PackageDescription } from '@darb/testing';

const PLAIN_COUNT = 24;
const SLOW_COUNT = 12;
const VERSIONS = ['1.0', '1.1', '2.0'];

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(2, '0')}`);

export const PLAIN_PACKAGES = numbered('plain', PLAIN_COUNT);
export const SLOW_PACKAGES = numbered('slow', SLOW_COUNT);
/** Packages that cannot be installed, or not together: what fails has to leave the rest as it was. */
export const BAD_PACKAGES = ['needs-missing', 'sdist-only', 'no-such-package-at-all'];

function noise(seed: string, sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update(seed).digest();
}

function describe(name: string, version: string, sizeBytes: number, requires: string[]): PackageDescription {
  const module = name.replaceAll('-', '_');
  const files = Array.from({ length: 5 }, (_, index) => ({
    path: `${module}/part_${index}.bin`,
    data: noise(`${name} ${version} ${index}`, Math.ceil(sizeBytes / 5)),
  }));
  return { name, version, requires, files };
}

export function chaosPackages(): PackageDescription[] {
  const plain = PLAIN_PACKAGES.flatMap((name, index) =>
    VERSIONS.map((version) =>
      describe(name, version, 8_192, index % 4 === 3 ? [PLAIN_PACKAGES[index - 1]!] : []),
    ),
  );
  const slow = SLOW_PACKAGES.map((name) => describe(name, '1.0', 400_000, []));
  return [...plain, ...slow];
}
