/** TOML as this library needs it: parse with a readable fault, walk unknown values, rename a project in place. */
import { parse, TomlError } from 'smol-toml';
import { describeCharacter, inputError } from '../specs/text.js';
import type { InputError, InputErrorCode } from '../specs/types.js';

export type Table = Record<string, unknown>;

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Offset of a place that a person would count from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

export function parseToml(text: string, code: InputErrorCode): { value: Table } | { error: InputError } {
  try {
    return { value: parse(text) as Table };
  } catch (error) {
    // Anything else is a file that is too deep for the stack.
    if (!(error instanceof TomlError))
      return { error: inputError(code, 'This is not valid TOML: it is nested too deeply.') };
    const { line, column } = error;
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    const message = `This is not valid TOML (line ${line}, column ${column}): ${reason}.`;
    return { error: inputError(code, message, { position: offsetOf(text, line, column) }) };
  }
}

/** Type, size and characters of a whole file that a person gave. */
export function checkFileText(
  text: unknown,
  code: InputErrorCode,
  what: string,
  maxBytes: number,
): InputError | null {
  if (typeof text !== 'string') return inputError(code, `The ${what} is a text.`);
  if (text.trim() === '') return inputError(code, `The ${what} is empty.`);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    return inputError(code, `The ${what} has ${bytes} bytes; at most ${maxBytes} are taken.`);
  }
  // eslint-disable-next-line no-control-regex
  const position = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029]/);
  if (position === -1) return null;
  return inputError(code, `The ${what} holds ${describeCharacter(text, position)}.`, { position });
}

/** The lines of one table: from behind its header to the next header. Null when the text has no such header. */
function tableRange(text: string, header: RegExp): { start: number; end: number } | null {
  const match = header.exec(text);
  if (match === null) return null;
  const start = match.index + match[0].length;
  const next = /^[ \t]*\[/m.exec(text.slice(start));
  return { start, end: next === null ? text.length : start + next.index };
}

/**
 * Changes one string value of a table and nothing else of the text, so that comments and order stay as typed.
 * Null when the value is not written as `key = "value"` on a line of its own below the table's header.
 */
export function replaceString(text: string, table: string, key: string, value: string): string | null {
  const range = tableRange(text, new RegExp(`^[ \\t]*\\[[ \\t]*${table}[ \\t]*\\][^\\n]*$`, 'm'));
  if (range === null) return null;
  const body = text.slice(range.start, range.end);
  const line = new RegExp(`^([ \\t]*(?:${key}|"${key}")[ \\t]*=[ \\t]*)(?:"[^"\\\\\\n]*"|'[^'\\n]*')`, 'm');
  if (!line.test(body)) return null;
  const changed = body.replace(line, (_match, prefix: string) => `${prefix}${JSON.stringify(value)}`);
  const result = text.slice(0, range.start) + changed + text.slice(range.end);
  const parsed = parseToml(result, 'manifest_invalid');
  // A header inside of a multi-line string would have been taken for the table: the parser has the last word.
  if ('error' in parsed) return null;
  const owner = parsed.value[table];
  return isTable(owner) && owner[key] === value ? result : null;
}
