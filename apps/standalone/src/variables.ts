import { KNOWN_VARIABLES } from './known-variables.generated.js';
import { Sentence } from './sentence.js';

export type Environment = Record<string, string | undefined>;

/** A name that nobody reads is a typing error, and a setting that silently does nothing. */
export function refuseUnknownVariables(env: Environment): void {
  const unknown = Object.keys(env).filter((name) => name.startsWith('DARB_') && !(name in KNOWN_VARIABLES));
  if (unknown.length === 0) return;
  const sentences = unknown.sort().map((name) => {
    const near = nearestName(name);
    return `${name} is no setting of Darb.${near ? ` Did you mean ${near}?` : ''}`;
  });
  throw new Sentence(`${sentences.join('\n')}\ndocs/configuration.md lists every setting.`);
}

/** The environment of one service: everything but Darb's own names, and of those only what it reads. */
export function environmentOf(service: string, env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith('DARB_') || KNOWN_VARIABLES[name]?.includes(service),
    ),
  );
}

function nearestName(name: string): string | undefined {
  const ranked = Object.keys(KNOWN_VARIABLES)
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(3, name.length / 3) ? best.known : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replace, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
