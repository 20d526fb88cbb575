/** A command as a person would type it; what a shell would read otherwise stands in single quotes. */
export function shownCommand(file: string, args: readonly string[]): string {
  return `$ ${[file, ...args].map(quoted).join(' ')}`;
}

export function shownDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
