/** Lists of specs and names as they come in a request body. */
import type { PackageManagerType } from '@darb/models';
import { parseMatchSpec } from './matchspec.js';
import { parseRequirement, type SpecResult } from './pep508.js';
import { describeCharacter, firstUnprintable, inputError, quote } from './text.js';
import type { Checked, InputError, ParsedSpec } from './types.js';

export const MAX_SPECS = 200;
export const MAX_SPEC_LENGTH = 500;

/** What a list holds: `pypi` are PEP 508 specs in a pixi environment. */
export type SpecKind = PackageManagerType | 'pypi';

function checkText(value: unknown): { text: string } | { error: InputError } {
  if (typeof value !== 'string') {
    const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    return { error: inputError('spec_invalid', `A package is a text such as "numpy>=2", not ${found}.`) };
  }
  if (value.length > MAX_SPEC_LENGTH) {
    const message = `${quote(value)} is ${value.length} characters long; at most ${MAX_SPEC_LENGTH} are taken.`;
    return { error: inputError('spec_invalid', message, { position: MAX_SPEC_LENGTH }) };
  }
  const position = firstUnprintable(value);
  if (position !== null) {
    const message = `Character ${position + 1} is ${describeCharacter(value, position)}; only printable ASCII is taken.`;
    return { error: inputError('spec_invalid', message, { position }) };
  }
  const text = value.trim();
  if (text === '') {
    return {
      error: inputError('spec_invalid', 'This package is empty; write a name such as "numpy".', {
        position: 0,
      }),
    };
  }
  return { text };
}

function parseOne(kind: SpecKind, value: unknown): SpecResult {
  const checked = checkText(value);
  if ('error' in checked) return checked;
  return kind === 'pixi' ? parseMatchSpec(checked.text) : parseRequirement(checked.text);
}

function listError(specs: unknown): InputError | null {
  if (!Array.isArray(specs))
    return inputError('spec_invalid', 'A list of packages is expected, such as ["numpy>=2"].');
  if (specs.length === 0)
    return inputError('spec_invalid', 'The list of packages is empty; name at least one.');
  if (specs.length > MAX_SPECS) {
    return inputError(
      'spec_invalid',
      `${specs.length} packages in one request; at most ${MAX_SPECS} are taken.`,
    );
  }
  return null;
}

/** Everything that may follow `--` of an add. All faults are reported, not only the first. */
export function parseSpecs(kind: SpecKind, specs: unknown): Checked<{ specs: ParsedSpec[] }> {
  const wrongList = listError(specs);
  if (wrongList !== null) return { ok: false, errors: [wrongList] };
  const parsed: ParsedSpec[] = [];
  const errors: InputError[] = [];
  for (const [index, value] of (specs as unknown[]).entries()) {
    const result = parseOne(kind, value);
    if ('spec' in result) parsed.push(result.spec);
    else errors.push({ ...result.error, index });
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, specs: parsed };
}

/** Names for remove and update: a spec with nothing but its name. `raw` is the normalised name. */
export function parseNames(kind: SpecKind, names: unknown): Checked<{ names: string[] }> {
  const result = parseSpecs(kind, names);
  if (!result.ok) return result;
  const errors = result.specs.flatMap((spec, index) => {
    const isBare =
      spec.extras.length === 0 && spec.version === '' && spec.build === null && spec.marker === null;
    if (isBare) return [];
    return [
      inputError('spec_invalid', `${quote(spec.raw)}: only the name is expected here, without versions.`, {
        index,
      }),
    ];
  });
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, names: [...new Set(result.specs.map((spec) => spec.name))] };
}
