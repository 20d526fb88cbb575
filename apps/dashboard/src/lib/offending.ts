/** Which of the specs of a failed job its error is about. */

interface Failure {
  message: string;
  extract?: string | null;
}

/**
 * Indexes of the specs whose package the error names: in backticks in its sentence if there are any, else anywhere in
 * the sentence, else in the tool's own words. None where all are named: then it says nothing about a single one.
 */
export function offendingSpecs(specs: readonly string[], { message, extract }: Failure): ReadonlySet<number> {
  const quoted = [...message.matchAll(/`([^`]+)`/g)].map((match) => match[1]!).join('\n');
  for (const text of [quoted, message, extract ?? '']) {
    const found = new Set(specs.flatMap((spec, index) => (names(text, packageName(spec)) ? [index] : [])));
    if (found.size > 0) return found.size < specs.length || specs.length === 1 ? found : new Set();
  }
  return new Set();
}

/** `Flask[async] >=2,<3` → `flask`; channels as in `conda-forge::numpy` left out. */
export function packageName(spec: string): string {
  const bare = spec.includes('::') ? spec.slice(spec.indexOf('::') + 2) : spec;
  return normalized(/^\s*([A-Za-z0-9_][\w.-]*)/.exec(bare)?.[1] ?? '');
}

function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
    .replace(/-$/, '');
}

/** Whether the text has this name as a whole word, however it is spelt. */
function names(text: string, name: string): boolean {
  if (name === '') return false;
  return (text.match(/[A-Za-z0-9_][\w.-]*/g) ?? []).some((word) => normalized(word) === name);
}
