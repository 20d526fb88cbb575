/** The manifest that pixi sees: written anew, or a person's with the settings that Darb insists on. */
import { PackageManagerError } from '../errors.js';
import { checkPythonRequest } from '../specs/names.js';
import { isTable, parseToml } from './toml.js';

/** Name of every workspace in a tree. */
export const TREE_WORKSPACE = 'environment';

const HEADER = [
  // The map is an internet look-up as soon as there is one PyPI package.
  'conda-pypi-map = false',
  '',
  '[pypi-options]',
  // Resolving a source distribution runs its build backend.
  'no-build = true',
];

export interface NewPixiManifest {
  name: string;
  channels: string[];
  platforms: string[];
  /** As the person asked; null leaves Python out. */
  python: string | null;
}

/** `3.12` → `3.12.*`, `3.12.1` → `3.12.1.*`, a range stays. */
function condaVersion(request: string): string {
  const checked = checkPythonRequest(request);
  if (!checked.ok) throw new PackageManagerError('python_unavailable', checked.errors[0]!.message);
  return checked.python.requiresPython ?? `${checked.python.text}.*`;
}

export function newPixiManifest(wish: NewPixiManifest): string {
  const python = wish.python === null ? [] : [`python = ${JSON.stringify(condaVersion(wish.python))}`];
  return [
    '[workspace]',
    `name = ${JSON.stringify(wish.name)}`,
    'version = "0.1.0"',
    `channels = ${JSON.stringify(wish.channels)}`,
    `platforms = ${JSON.stringify(wish.platforms)}`,
    ...HEADER,
    '',
    '[dependencies]',
    ...python,
    '',
  ].join('\n');
}

function insertAfterHeader(text: string, table: string, line: string): string {
  const header = new RegExp(`^[ \\t]*\\[[ \\t]*${table}[ \\t]*\\][^\\n]*$`, 'm');
  if (!header.test(text)) return `${text.trimEnd()}\n\n[${table}]\n${line}\n`;
  return text.replace(header, (found) => `${found}\n${line}`);
}

/** Adds what is missing; a manifest that passed `parsePixiToml` contradicts none of it. */
export function withEnforcedSettings(text: string): string {
  const root = parseToml(text, 'manifest_invalid');
  if ('error' in root) throw new PackageManagerError('manifest_invalid', root.error.message);
  const { workspace } = root.value;
  let result = text;
  if (isTable(workspace) && workspace['conda-pypi-map'] !== false) {
    result = insertAfterHeader(result, 'workspace', 'conda-pypi-map = false');
  }
  const inWorkspace = isTable(workspace) ? workspace['pypi-options'] : undefined;
  const options = inWorkspace ?? root.value['pypi-options'];
  if (!isTable(options) || options['no-build'] !== true) {
    result = insertAfterHeader(
      result,
      inWorkspace === undefined ? 'pypi-options' : 'workspace.pypi-options',
      'no-build = true',
    );
  }
  const check = parseToml(result, 'manifest_invalid');
  if (!('error' in check)) return result;
  const message =
    'Write `[workspace]` and `[pypi-options]` as tables of their own, each with its header on a line.';
  throw new PackageManagerError('manifest_invalid', message, check.error.message);
}
