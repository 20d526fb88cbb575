/** Environment markers (PEP 508): parse with positions, evaluate against an interpreter. */
import { makeSpecifier, matchesSpecifiers, parseVersion, type Operator } from './pep440.js';

export interface MarkerEnvironment {
  os_name: string;
  sys_platform: string;
  platform_machine: string;
  platform_python_implementation: string;
  platform_release: string;
  platform_system: string;
  platform_version: string;
  python_version: string;
  python_full_version: string;
  implementation_name: string;
  implementation_version: string;
}

type Operand = { kind: 'variable' | 'text'; value: string };

export type Marker =
  | { kind: 'and' | 'or'; left: Marker; right: Marker }
  | { kind: 'compare'; left: Operand; operator: string; right: Operand };

const VARIABLES = new Set([
  'os_name',
  'sys_platform',
  'platform_machine',
  'platform_python_implementation',
  'platform_release',
  'platform_system',
  'platform_version',
  'python_version',
  'python_full_version',
  'implementation_name',
  'implementation_version',
  'extra',
  'extras',
  'dependency_groups',
]);

const OPERATOR = /^(===|~=|==|!=|<=|>=|<|>|not\s+in\b|in\b)/;

/** Thrown while parsing; `position` is an offset in the marker's text. */
export class MarkerSyntaxError extends Error {
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
  }
}

class MarkerParser {
  private position = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  parse(): Marker {
    const marker = this.parseOr();
    this.skipSpace();
    if (this.position < this.text.length) this.fail('nothing, `and` or `or` is expected here');
    return marker;
  }

  private parseOr(): Marker {
    let left = this.parseAnd();
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.parseAnd() };
    return left;
  }

  private parseAnd(): Marker {
    let left = this.parseAtom();
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.parseAtom() };
    return left;
  }

  private parseAtom(): Marker {
    this.skipSpace();
    if (this.text[this.position] !== '(') return this.parseComparison();
    this.depth += 1;
    // The parser recurses: hostile text must not exhaust the stack.
    if (this.depth > 50) this.fail('too many nested parentheses');
    this.position += 1;
    const inner = this.parseOr();
    this.skipSpace();
    if (this.text[this.position] !== ')') this.fail('`)` is missing');
    this.position += 1;
    this.depth -= 1;
    return inner;
  }

  private parseComparison(): Marker {
    const start = this.position;
    const left = this.parseOperand();
    this.skipSpace();
    const operator = OPERATOR.exec(this.text.slice(this.position))?.[1];
    if (operator === undefined) this.fail('a comparison such as `>=` or `==` is expected here');
    this.position += operator.length;
    const right = this.parseOperand();
    if (left.kind === right.kind && left.kind === 'text') {
      this.position = start;
      this.fail('one side must be a variable such as `python_version`');
    }
    return { kind: 'compare', left, operator: operator.replace(/\s+/, ' '), right };
  }

  private parseOperand(): Operand {
    this.skipSpace();
    const rest = this.text.slice(this.position);
    const quoted = /^(?:"([^"]*)"|'([^']*)')/.exec(rest);
    if (quoted !== null) {
      this.position += quoted[0].length;
      return { kind: 'text', value: quoted[1] ?? quoted[2] ?? '' };
    }
    const word = /^[a-z_.]+/.exec(rest)?.[0];
    const name = word?.replaceAll('.', '_');
    if (name === undefined || !VARIABLES.has(name))
      this.fail('a marker variable or a quoted text is expected here');
    this.position += word!.length;
    return { kind: 'variable', value: name };
  }

  private takeWord(word: string): boolean {
    this.skipSpace();
    if (!new RegExp(`^${word}\\b`).test(this.text.slice(this.position))) return false;
    this.position += word.length;
    return true;
  }

  private skipSpace(): void {
    while (this.text[this.position] === ' ' || this.text[this.position] === '\t') this.position += 1;
  }

  private fail(message: string): never {
    throw new MarkerSyntaxError(message, this.position);
  }
}

/** @throws MarkerSyntaxError */
export function parseMarker(text: string): Marker {
  return new MarkerParser(text).parse();
}

const FLIPPED: Record<string, string> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function compareAsVersions(left: string, operator: string, right: string): boolean | null {
  if (parseVersion(left) === null) return null;
  const specifier = makeSpecifier(operator as Operator, right);
  return specifier === null ? null : matchesSpecifiers(left, [specifier]);
}

function compareAsText(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '==':
    case '===':
      return left === right;
    case '!=':
      return left !== right;
    case 'in':
      return right.includes(left);
    case 'not in':
      return !right.includes(left);
    default:
      return false;
  }
}

const VERSION_VARIABLES = new Set(['python_version', 'python_full_version', 'implementation_version']);

function compare(
  marker: Marker & { kind: 'compare' },
  environment: MarkerEnvironment,
  extras: ReadonlySet<string>,
): boolean {
  const { left, operator, right } = marker;
  const variable = left.kind === 'variable' ? left : right;
  const literal = left.kind === 'variable' ? right : left;
  if (variable.value === 'extra' || variable.value === 'extras' || variable.value === 'dependency_groups') {
    return operator === '!=' || operator === 'not in'
      ? !extras.has(literal.value)
      : extras.has(literal.value);
  }
  const valueOf = (operand: Operand): string =>
    operand.kind === 'text' ? operand.value : environment[operand.value as keyof MarkerEnvironment];
  if (VERSION_VARIABLES.has(variable.value) && !operator.endsWith('in')) {
    const direct = variable === left ? operator : (FLIPPED[operator] ?? operator);
    const answer = compareAsVersions(valueOf(variable), direct, literal.value);
    if (answer !== null) return answer;
  }
  return compareAsText(valueOf(left), operator, valueOf(right));
}

export function evaluateMarker(
  marker: Marker,
  environment: MarkerEnvironment,
  extras: ReadonlySet<string> = new Set(),
): boolean {
  if (marker.kind === 'compare') return compare(marker, environment, extras);
  const left = evaluateMarker(marker.left, environment, extras);
  if (marker.kind === 'and') return left && evaluateMarker(marker.right, environment, extras);
  return left || evaluateMarker(marker.right, environment, extras);
}
