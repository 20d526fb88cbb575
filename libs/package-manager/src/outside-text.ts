/** Text that a tool, an index or a package wrote, made fit for a database, a log and a page where it enters. */

/** Bounds in characters: a real name or version is far shorter, and a licence longer than this is a text to read. */
export const MAX_NAME = 200;
export const MAX_VERSION = 200;
export const MAX_LICENSE = 200;

/** Well-formed Unicode without NUL, of any length. Postgres takes neither a NUL nor half a surrogate pair. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The same, cut to `maxLength` characters; the last one says that something is missing. */
export function cleanField(text: string, maxLength: number): string {
  const clean = cleanText(text);
  if (clean.length <= maxLength) return clean;
  return `${clean.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
