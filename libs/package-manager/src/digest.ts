/** The digest that names an artifact. */
import { createHash } from 'node:crypto';
import type { DigestInputs } from './port.js';

/** Rises when the meaning of an input changes, so that no old tree is taken for a new one. */
export const DIGEST_SCHEMA = 1;

/** JSON with keys in code-unit order and no spaces: the same value is always the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** sha256 of the canonical JSON, 64 hex digits. */
export function digestOf(inputs: DigestInputs): string {
  return createHash('sha256').update(canonicalJson(inputs)).digest('hex');
}

/** `0.13.8` → `0.13`: a patch of the tool builds the same tree. */
export function majorMinor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
