import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './environment.mjs';

/** Exact versions and hashes of everything that is fetched: toolchain.json, the only place that names them. */
export const pins = JSON.parse(readFileSync(path.join(root, 'toolchain.json'), 'utf8'));

/** `linux-x64`, with `-musl` where the C library is musl: the key of the pins. */
export function platform() {
  const libc = process.platform === 'linux' && !hasGlibc() ? '-musl' : '';
  return `${process.platform}-${process.arch}${libc}`;
}

function hasGlibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime !== undefined;
}

/** Whether version a.b.c lies in [atLeast, below). */
export function isWithin(version, { atLeast, below }) {
  return compare(version, atLeast) >= 0 && (!below || compare(version, below) < 0);
}

function compare(a, b) {
  const [left, right] = [a, b].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  for (let i = 0; i < 3; i++) {
    if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) - (right[i] ?? 0);
  }
  return 0;
}
