/** What every text from a person must pass before it is parsed: type, length, characters. */
import type { InputError, InputErrorCode } from './types.js';

export function inputError(
  code: InputErrorCode,
  message: string,
  place: Partial<Pick<InputError, 'index' | 'position' | 'field'>> = {},
): InputError {
  return { code, message, index: null, position: null, field: null, ...place };
}

/** Offset of the first character that is not printable ASCII, or null. */
export function firstUnprintable(text: string): number | null {
  const position = text.search(/[^\x20-\x7e]/);
  return position === -1 ? null : position;
}

/** A character as a person can recognise it in a message. */
export function describeCharacter(text: string, position: number): string {
  const point = text.codePointAt(position) ?? 0;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  if (point === 0x0a || point === 0x0d) return `a line break (${code})`;
  if (point === 0x00) return `a NUL (${code})`;
  return point < 0x20 || (point >= 0x7f && point < 0xa0) ? `a control character (${code})` : `${code}`;
}

/** PEP 503: lower case, runs of `-`, `_` and `.` as one `-`. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** A text in a message, cut to something that fits on a line. */
export function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return `\`${shown.replaceAll('`', "'")}\``;
}
