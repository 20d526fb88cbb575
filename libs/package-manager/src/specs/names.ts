/** Names of environments and requests for a Python. */
import {
  compareVersions,
  matchesSpecifiers,
  parseSpecifiers,
  parseVersion,
  type Specifier,
} from './pep440.js';
import { describeCharacter, firstUnprintable, inputError, quote } from './text.js';
import type { Checked } from './types.js';

export const ENVIRONMENT_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** The pattern is also a valid project name for both tools, and never a path (`..` cannot start or end it alone). */
export function checkEnvironmentName(name: unknown): Checked<{ name: string }> {
  const fail = (message: string): Checked<{ name: string }> => ({
    ok: false,
    errors: [inputError('name_invalid', message, { field: 'name' })],
  });
  if (typeof name !== 'string') return fail('A name is a text.');
  if (name === '') return fail('The name is empty.');
  if (ENVIRONMENT_NAME.test(name)) return { ok: true, name };
  const unprintable = firstUnprintable(name);
  if (unprintable !== null) return fail(`The name holds ${describeCharacter(name, unprintable)}.`);
  if (name.length > 63) return fail(`The name has ${name.length} characters; at most 63 are taken.`);
  return fail(
    `${quote(name)}: use letters, digits, \`.\`, \`_\` and \`-\`, with a letter or digit at both ends.`,
  );
}

/** A Python as a person asked for it. */
export interface PythonRequest {
  text: string;
  specifiers: Specifier[];
  /** What `requires-python` says in a new manifest; null: the tool derives it from the interpreter. */
  requiresPython: string | null;
}

/** `3.12`, `3.12.1` or a range such as `>=3.11,<3.13`. */
export function checkPythonRequest(request: unknown): Checked<{ python: PythonRequest }> {
  const fail = (message: string): Checked<{ python: PythonRequest }> => ({
    ok: false,
    errors: [inputError('python_invalid', message, { field: 'python' })],
  });
  if (typeof request !== 'string') return fail('Python is a text such as "3.12".');
  const text = request.trim();
  const how = 'write a version such as `3.12` or `3.12.1`, or a range such as `>=3.11,<3.13`';
  if (text === '' || text.length > 64 || firstUnprintable(text) !== null)
    return fail(`That is not a Python version; ${how}.`);
  if (/^\d+(\.\d+){0,2}((a|b|rc)\d+)?$/.test(text)) {
    const parts = text.split('.').length;
    const exact = parts === 3 || parseVersion(text)?.pre !== null;
    const specifiers = parseSpecifiers(exact ? `==${text}` : `==${text}.*`)!;
    return { ok: true, python: { text, specifiers, requiresPython: null } };
  }
  const specifiers = /^[<>=!~]/.test(text) ? parseSpecifiers(text) : null;
  if (specifiers === null || specifiers.length === 0 || specifiers.some((one) => one.operator === '===')) {
    return fail(`${quote(text)} is not a Python version; ${how}.`);
  }
  return { ok: true, python: { text, specifiers, requiresPython: text } };
}

export function pythonMatches(version: string, specifiers: Specifier[]): boolean {
  return matchesSpecifiers(version, specifiers);
}

/** Newest first; text that is no version goes last. */
export function newestFirst(left: string, right: string): number {
  const [one, two] = [parseVersion(left), parseVersion(right)];
  if (one === null || two === null) return one === two ? 0 : one === null ? 1 : -1;
  return -compareVersions(one, two);
}
