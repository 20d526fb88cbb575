/**
 * Splits what a person types or pastes into specs, one per line. Not at commas, and at spaces only where every word
 * could be a package (`rich httpx>=0.27`, as on a command line): `httpx >=0.27, <1` is one spec. Comments and blank
 * lines of a pasted requirements file go away. Whether a spec is good, the API says.
 */
export function splitSpecs(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .flatMap((line) => {
      const words = line.split(/\s+/);
      return words.every((word) => /^[A-Za-z]/.test(word)) && !line.includes(';') ? words : [line];
    });
}

/** Adds specs to a list, leaving out those that stand there already word for word. */
export function addSpecs(list: readonly string[], text: string): string[] {
  return [...new Set([...list, ...splitSpecs(text)])];
}
