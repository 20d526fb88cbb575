/** Python versions and version specifiers (PEP 440): parse, order, match. */

export interface Version {
  epoch: number;
  release: number[];
  pre: [phase: 'a' | 'b' | 'rc', number: number] | null;
  post: number | null;
  dev: number | null;
  local: string | null;
}

const VERSION =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

const PHASES: Record<string, 'a' | 'b' | 'rc'> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
};

export function parseVersion(text: string): Version | null {
  const match = VERSION.exec(text.trim());
  if (match === null) return null;
  const [, epoch, release, phase, preNumber, bare, postWord, postNumber, devWord, devNumber, local] = match;
  return {
    epoch: Number(epoch ?? 0),
    release: release!.split('.').map(Number),
    pre: phase === undefined ? null : [PHASES[phase.toLowerCase()]!, Number(preNumber || 0)],
    post: bare !== undefined ? Number(bare) : postWord === undefined ? null : Number(postNumber || 0),
    dev: devWord === undefined ? null : Number(devNumber || 0),
    local: local?.toLowerCase().replaceAll(/[-_]/g, '.') ?? null,
  };
}

/** Sort keys follow PEP 440: dev < pre < final < post, with `-Infinity`/`Infinity` where a part is absent. */
function stageKey(version: Version): number[] {
  const phase = version.pre === null ? null : { a: 0, b: 1, rc: 2 }[version.pre[0]];
  const isDevOnly = version.pre === null && version.post === null && version.dev !== null;
  return [
    phase ?? (isDevOnly ? -1 : 3),
    version.pre?.[1] ?? 0,
    version.post ?? -1,
    version.dev ?? Number.POSITIVE_INFINITY,
  ];
}

function compareNumbers(left: number[], right: number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, two] = [left[index] ?? 0, right[index] ?? 0];
    if (one !== two) return one < two ? -1 : 1;
  }
  return 0;
}

function compareLocal(left: string | null, right: string | null): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  const [one, two] = [left.split('.'), right.split('.')];
  for (let index = 0; index < Math.max(one.length, two.length); index += 1) {
    const [a, b] = [one[index], two[index]];
    if (a === b) continue;
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (aIsNumber && bIsNumber) return Number(a) < Number(b) ? -1 : 1;
    if (aIsNumber !== bIsNumber) return aIsNumber ? 1 : -1;
    return a < b ? -1 : 1;
  }
  return 0;
}

export function compareVersions(left: Version, right: Version): number {
  return comparePublic(left, right) || compareLocal(left.local, right.local);
}

function comparePublic(left: Version, right: Version): number {
  if (left.epoch !== right.epoch) return left.epoch < right.epoch ? -1 : 1;
  return compareNumbers(left.release, right.release) || compareNumbers(stageKey(left), stageKey(right));
}

export type Operator = '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '===';

export interface Specifier {
  operator: Operator;
  /** As typed. */
  version: string;
  /** `==1.2.*`: only the release is compared, as a prefix. */
  isWildcard: boolean;
  parsed: Version | null;
}

export const SPECIFIER_OPERATOR = /^(===|~=|==|!=|<=|>=|<|>)/;

/** One clause, operator and version already apart. Null: this is not a clause. */
export function makeSpecifier(operator: Operator, version: string): Specifier | null {
  if (operator === '===')
    return version === '' ? null : { operator, version, isWildcard: false, parsed: null };
  const isWildcard = version.endsWith('.*');
  if (isWildcard && operator !== '==' && operator !== '!=') return null;
  const parsed = parseVersion(isWildcard ? version.slice(0, -2) : version);
  if (parsed === null) return null;
  if (isWildcard && (parsed.dev !== null || parsed.local !== null)) return null;
  if (operator === '~=' && (parsed.release.length < 2 || parsed.local !== null)) return null;
  return { operator, version, isWildcard, parsed };
}

/** A comma-separated list such as `>=3.11,<3.13`; null when any clause is wrong. */
export function parseSpecifiers(text: string): Specifier[] | null {
  const clauses: Specifier[] = [];
  for (const part of text.split(',')) {
    const clause = part.trim();
    if (clause === '') continue;
    const operator = SPECIFIER_OPERATOR.exec(clause)?.[1] as Operator | undefined;
    if (operator === undefined) return null;
    const specifier = makeSpecifier(operator, clause.slice(operator.length).trim());
    if (specifier === null) return null;
    clauses.push(specifier);
  }
  return clauses;
}

function hasReleasePrefix(version: Version, prefix: Version): boolean {
  if (version.epoch !== prefix.epoch) return false;
  const padded = [...version.release];
  while (padded.length < prefix.release.length) padded.push(0);
  return compareNumbers(padded.slice(0, prefix.release.length), prefix.release) === 0;
}

function matchesOne(version: Version, text: string, specifier: Specifier): boolean {
  const { operator, parsed: target, isWildcard } = specifier;
  if (operator === '===' || target === null) return text.toLowerCase() === specifier.version.toLowerCase();
  const order = target.local === null ? comparePublic(version, target) : compareVersions(version, target);
  switch (operator) {
    case '==':
      return isWildcard ? hasReleasePrefix(version, target) : order === 0;
    case '!=':
      return isWildcard ? !hasReleasePrefix(version, target) : order !== 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    case '<':
      // `<3.13` must not take 3.13.0rc1, unless the bound is a pre-release itself.
      return order < 0 && (target.pre !== null || version.pre === null || !hasReleasePrefix(version, target));
    case '>':
      return (
        order > 0 && (target.post !== null || version.post === null || !hasReleasePrefix(version, target))
      );
    case '~=':
      return order >= 0 && hasReleasePrefix(version, { ...target, release: target.release.slice(0, -1) });
  }
}

/** Whether a version fulfils every clause. Text that is no version fulfils none but `===`. */
export function matchesSpecifiers(text: string, specifiers: Specifier[]): boolean {
  const version = parseVersion(text);
  if (version === null) return specifiers.every((one) => one.operator === '===' && one.version === text);
  return specifiers.every((specifier) => matchesOne(version, text, specifier));
}
