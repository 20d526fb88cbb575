/** One requirement for uv (PEP 508), parsed with positions; anything that is not `name [extras] versions ; marker` is refused. */
import { MarkerSyntaxError, parseMarker } from './markers.js';
import { makeSpecifier, SPECIFIER_OPERATOR, type Operator } from './pep440.js';
import { inputError, normalizeName, quote } from './text.js';
import type { InputError, ParsedSpec } from './types.js';

export type SpecResult = { spec: ParsedSpec } | { error: InputError };

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/;
const ARCHIVE = /\.(whl|zip|egg|tar|tgz|tar\.(gz|bz2|xz|zst|lzma))$/i;
/** A project in a tree is always called so (see `trees/`), and a project may not depend on itself. */
const RESERVED = 'environment';

class SpecSyntaxError extends Error {
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
  }
}

/** Shapes that uv would take for something else than a requirement. Null: none of them. */
export function refusedShape(text: string): { message: string; position: number } | null {
  if (text.startsWith('-')) {
    return { message: 'options are not taken; write only the name and versions of a package', position: 0 };
  }
  const url = text.search(/[a-z][a-z0-9+.-]*:\/\/|\b(git|hg|svn|bzr)\+|\bfile:/i);
  const at = text.indexOf('@');
  if (url !== -1 || at !== -1) {
    const position = at === -1 ? url : url === -1 ? at : Math.min(at, url);
    return {
      message: 'packages by URL, git or file are not taken; write a name from the package index',
      position,
    };
  }
  const beforeMarker = text.split(';', 1)[0]!.trim();
  const slash = beforeMarker.search(/[/\\]/);
  if (slash !== -1 || /^[.~$]/.test(text) || /^[A-Za-z]:/.test(text)) {
    return {
      message: 'paths are not taken; write a name from the package index',
      position: Math.max(slash, 0),
    };
  }
  if (ARCHIVE.test(beforeMarker) && NAME.exec(beforeMarker)?.[0].length === beforeMarker.length) {
    return { message: 'files are not taken; write a name from the package index', position: 0 };
  }
  return null;
}

class RequirementParser {
  private position = 0;

  constructor(private readonly text: string) {}

  parse(): ParsedSpec {
    const name = NAME.exec(this.text)?.[0];
    if (name === undefined) this.fail('a name starts with a letter or a digit');
    this.position = name.length;
    const extras = this.parseExtras();
    this.skipSpace();
    const version = this.parseVersions();
    this.skipSpace();
    const marker = this.parseMarker();
    return { raw: this.text, name: normalizeName(name), extras, version, build: null, marker };
  }

  private parseExtras(): string[] {
    this.skipSpace();
    if (this.peek() !== '[') return [];
    const start = this.position;
    const end = this.text.indexOf(']', start);
    if (end === -1) this.fail('`]` is missing after the extras');
    const names = this.text.slice(start + 1, end).split(',');
    this.position = end + 1;
    if (names.length === 1 && names[0]!.trim() === '') return [];
    return names.map((part) => {
      const extra = part.trim();
      if (NAME.exec(extra)?.[0] !== extra || extra === '') {
        this.position = start + 1;
        this.fail(`${quote(extra)} is not a name of an extra`);
      }
      return normalizeName(extra);
    });
  }

  private parseVersions(): string {
    const isParenthesized = this.peek() === '(';
    const start = this.position + (isParenthesized ? 1 : 0);
    const close = isParenthesized ? this.text.indexOf(')', start) : -1;
    if (isParenthesized && close === -1) this.fail('`)` is missing after the versions');
    const semicolon = this.text.indexOf(';', start);
    const end = isParenthesized ? close : semicolon === -1 ? this.text.length : semicolon;
    const clauses = this.text.slice(start, end);
    this.position = start;
    if (clauses.trim() !== '') this.checkClauses(clauses);
    else if (isParenthesized) this.fail('a version such as `>=1.0` is expected between the parentheses');
    this.position = isParenthesized ? end + 1 : end;
    return clauses.trim();
  }

  private checkClauses(clauses: string): void {
    const start = this.position;
    let offset = 0;
    const parts = clauses.split(',');
    for (const [index, part] of parts.entries()) {
      const clause = part.trim();
      this.position = start + offset + (part.length - part.trimStart().length);
      offset += part.length + 1;
      // A trailing comma is legal, an empty clause elsewhere is not.
      if (clause === '' && index === parts.length - 1 && index > 0) continue;
      const operator = SPECIFIER_OPERATOR.exec(clause)?.[1] as Operator | undefined;
      if (operator === undefined) {
        const example = /^[\d*]/.test(clause)
          ? `write ${quote(`==${clause}`)}`
          : 'write for example `>=1.0,<2`';
        this.fail(`versions start with \`==\`, \`>=\`, \`<\`, \`~=\`, \`!=\`, \`<=\` or \`>\`; ${example}`);
      }
      const version = clause.slice(operator.length).trim();
      if (/\s/.test(version) || makeSpecifier(operator, version) === null) {
        this.position += operator.length;
        this.fail(
          version === ''
            ? `a version is missing after \`${operator}\``
            : `${quote(version)} is not a version for \`${operator}\``,
        );
      }
    }
  }

  private parseMarker(): string | null {
    if (this.position >= this.text.length) return null;
    if (this.peek() !== ';') this.fail(`nothing is expected here but \`;\` and a marker`);
    this.position += 1;
    const marker = this.text.slice(this.position).trim();
    const start = this.text.length - this.text.slice(this.position).trimStart().length;
    if (marker === '') this.fail('a marker is expected after `;`');
    try {
      parseMarker(marker);
    } catch (error) {
      if (!(error instanceof MarkerSyntaxError)) throw error;
      throw new SpecSyntaxError(error.message, start + error.position);
    }
    return marker;
  }

  private peek(): string | undefined {
    return this.text[this.position];
  }

  private skipSpace(): void {
    while (this.peek() === ' ') this.position += 1;
  }

  private fail(message: string): never {
    throw new SpecSyntaxError(message, this.position);
  }
}

/** `text` is printable ASCII, trimmed and not empty (see `parseSpecs`). */
export function parseRequirement(text: string): SpecResult {
  const refused = refusedShape(text);
  if (refused !== null) {
    return {
      error: inputError('spec_not_allowed', `${quote(text)}: ${refused.message}.`, {
        position: refused.position,
      }),
    };
  }
  try {
    const spec = new RequirementParser(text).parse();
    if (spec.name !== RESERVED) return { spec };
    const message =
      'the package named `environment` cannot be installed, because every environment carries that name itself.';
    return { error: inputError('spec_not_allowed', message, { position: 0 }) };
  } catch (error) {
    if (!(error instanceof SpecSyntaxError)) throw error;
    const message = `${quote(text)}: ${error.message} (character ${error.position + 1}).`;
    return { error: inputError('spec_invalid', message, { position: error.position }) };
  }
}
