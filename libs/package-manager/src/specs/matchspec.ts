/** One conda package for pixi: `name`, `name version`, `name=version=build`. Channels, URLs, files and brackets are refused. */
import { refusedShape, type SpecResult } from './pep508.js';
import { inputError, quote } from './text.js';

const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?/;
/** `>=1.2,<2|1.0.*`: clauses joined by `,` and `|`, each with an optional operator and a digit in front. */
const CLAUSE = /^(?:==|=|!=|~=|>=|<=|>|<)?\s*v?(?:\d+!)?\d[A-Za-z0-9_.+-]*(?:\.?\*)?$/;
const BUILD = /^[A-Za-z0-9_.*+-]+$/;

/** Shapes of the conda world that name a place or a file instead of a package. */
function refusedCondaShape(text: string): { message: string; position: number } | null {
  const channel = text.indexOf(':');
  if (channel !== -1) {
    return {
      message: 'a channel is set for the environment, not for one package; write the name without it',
      position: channel,
    };
  }
  const bracket = text.search(/[[\]]/);
  if (bracket !== -1) {
    return {
      message: 'brackets are not taken; write name, version and build, as in `numpy >=2 py312*`',
      position: bracket,
    };
  }
  if (/\.(conda|tar\.bz2)$/i.test(text)) {
    return { message: 'files are not taken; write the name of a package', position: 0 };
  }
  return null;
}

/** Offset of the first wrong clause within `text`, or null. Parentheses are grouping in conda. */
function wrongClause(text: string): { clause: string; position: number } | null {
  if (text === '*') return null;
  let offset = 0;
  for (const part of text.split(/[,|]/)) {
    const clause = part.replaceAll(/[()]/g, '').trim();
    if (clause !== '*' && !CLAUSE.test(clause)) return { clause, position: offset };
    offset += part.length + 1;
  }
  return null;
}

/** Splits what follows the name into version and build. */
function splitVersionAndBuild(rest: string): { version: string; build: string | null } | null {
  // Operators may stand apart from their version: `>= 1.2` is one clause, `1.2 py312*` are two fields.
  const joined = rest.trim().replaceAll(/\s*([=!<>~,|]+)\s*/g, '$1');
  const fields = joined.split(/\s+/).filter((field) => field !== '');
  if (fields.length > 2) return null;
  let [version = '', build = null] = fields as [string?, (string | null)?];
  const exact = /^={1,2}([^=<>!~,|]+)=([^=]+)$/.exec(version);
  if (exact !== null && build === null) {
    version = `=${exact[1]!}`;
    build = exact[2]!;
  }
  return { version, build };
}

/** `text` is printable ASCII, trimmed and not empty (see `parseSpecs`). */
export function parseMatchSpec(text: string): SpecResult {
  const refused = refusedCondaShape(text) ?? refusedShape(text);
  if (refused !== null) {
    return {
      error: inputError('spec_not_allowed', `${quote(text)}: ${refused.message}.`, {
        position: refused.position,
      }),
    };
  }
  const invalid = (message: string, position: number): SpecResult => ({
    error: inputError('spec_invalid', `${quote(text)}: ${message} (character ${position + 1}).`, {
      position,
    }),
  });
  const name = NAME.exec(text)?.[0];
  if (name === undefined) return invalid('a name starts with a letter, a digit or `_`', 0);
  const rest = text.slice(name.length);
  if (rest !== '' && !/^[\s=<>!~]/.test(rest))
    return invalid('a version such as `>=1.0` is expected here', name.length);
  const split = splitVersionAndBuild(rest);
  if (split === null) return invalid('only name, version and build are expected', name.length);
  const { version, build } = split;
  const wrong = version === '' ? null : wrongClause(version);
  if (wrong !== null) {
    const hint = wrong.clause === '' ? 'a version is missing' : `${quote(wrong.clause)} is not a version`;
    return invalid(hint, Math.min(name.length + wrong.position, text.length - 1));
  }
  if (build !== null && !BUILD.test(build))
    return invalid(`${quote(build)} is not a build string`, text.indexOf(build));
  return { spec: { raw: text, name: name.toLowerCase(), extras: [], version, build, marker: null } };
}
