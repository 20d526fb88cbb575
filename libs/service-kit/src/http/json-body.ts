import { isUtf8 } from 'node:buffer';
import type { FieldError } from './problem.js';
import { Problem } from './problem.js';
import { validationFailed } from './validation-failed.js';

/** Deeper than anything that Darb reads, and shallow enough for every recursive function that meets it later. */
const MOST_LEVELS = 64;
/** Each value costs a walk through the checks of its class; documents are one value each, however long. */
const MOST_VALUES = 50_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What may stand for a NUL, half a character or `__proto__` once it is parsed; seldom there, so the walk is seldom made. */
const SUSPICIOUS = ['\\u0000', '\\ud', '\\uD', '__proto__', '\\u005f', '\\u005F'];

export interface JsonLimits {
  /** Most values in arrays and objects, all levels together. */
  mostValues?: number;
}

/**
 * Parses a request's body. What would cost much, or break whoever reads or keeps it, is refused by a look at the
 * bytes, before anything is built from them: this runs for callers that nobody has asked who they are.
 * @throws Problem 400 `malformed_json`, `too_deep`, `too_many_values`; 422 `validation_failed` with the field's name
 */
export function parseJsonBody(body: Buffer, { mostValues = MOST_VALUES }: JsonLimits = {}): unknown {
  if (!isUtf8(body)) throw malformed('The body is not valid UTF-8.');
  assertModest(body, mostValues);
  const value = parse(body.toString('utf8'));
  if (SUSPICIOUS.some((text) => body.includes(text))) {
    const error = findUnfit(value, '');
    if (error) throw validationFailed([error]);
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(`The body is not valid JSON: ${(error as Error).message}.`);
  }
}

function malformed(detail: string): Problem {
  return new Problem(400, 'malformed_json', detail);
}

/** Counts levels and values without building any of them. */
function assertModest(body: Buffer, mostValues: number): void {
  let levels = 0;
  let commas = 0;
  let isInString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (isInString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      levels += 1;
      if (levels > MOST_LEVELS) {
        throw new Problem(400, 'too_deep', `The body is nested more than ${MOST_LEVELS} levels deep.`);
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) levels -= 1;
    else if (byte === COMMA) {
      commas += 1;
      if (commas >= mostValues) {
        throw new Problem(400, 'too_many_values', `The body has more than ${mostValues} values.`);
      }
    }
  }
}

/** The first string that PostgreSQL could not keep, or key that would be an object's prototype. */
export function findUnfit(value: unknown, field: string): FieldError | null {
  if (typeof value === 'string') {
    if (value.includes('\0')) return unfit(field, 'must not contain a NUL character');
    if (!value.isWellFormed()) return unfit(field, 'must not contain half of a surrogate pair');
    return null;
  }
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return null;
  for (const [key, child] of Object.entries(value)) {
    if (key === '__proto__') return unfit(field, 'must not have a key "__proto__"');
    const error = findUnfit(key, field) ?? findUnfit(child, field ? `${field}.${key}` : key);
    if (error) return error;
  }
  return null;
}

function unfit(field: string, message: string): FieldError {
  return { field, code: 'invalid_characters', message };
}
