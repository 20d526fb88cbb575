/** `uv.lock` as text: renaming its project, and the form that a tree holds. */

import type { Checked } from '../specs/types.js';
import { parseUvLock, type UvLock } from './uv-lock.js';

/** Blocks of the file; each `[[package]]` block includes its sub-tables. */
interface Blocks {
  head: string;
  packages: string[];
}

const BLOCK = /\n(?=\[\[package\]\]\n)/;
const ROOT = /^source = \{ (?:virtual|editable) = "\." \}$/m;
const NAME = /^name = "([^"]+)"$/m;

/** The name and version that every project in a tree has. */
export const TREE_PROJECT = 'environment';
export const TREE_VERSION = '0.1.0';

function splitBlocks(text: string): Blocks {
  const [head = '', ...packages] = text.replaceAll('\r\n', '\n').trimEnd().split(BLOCK);
  return { head: head.trimEnd(), packages: packages.map((block) => block.trimEnd()) };
}

function nameOf(block: string): string {
  return NAME.exec(block)?.[1] ?? '';
}

/** uv orders packages by name; several versions of one name keep the order that uv gave them. */
function joinBlocks({ head, packages }: Blocks): string {
  const sorted = packages.toSorted((left, right) => {
    const [one, two] = [nameOf(left), nameOf(right)];
    return one === two ? 0 : one < two ? -1 : 1;
  });
  return `${[head, ...sorted].join('\n\n')}\n`;
}

function mapRoot(text: string, change: (block: string) => string): string {
  const blocks = splitBlocks(text);
  const index = blocks.packages.findIndex((block) => ROOT.test(block));
  if (index === -1) throw new Error('the lockfile has no project block as uv writes it');
  blocks.packages[index] = change(blocks.packages[index]!);
  return joinBlocks(blocks);
}

/** The same lockfile under another project name. @throws when it is not in the form that uv writes. */
export function renameLockedProject(text: string, name: string): string {
  return mapRoot(text, (block) => block.replaceAll(`name = "${nameOf(block)}"`, `name = "${name}"`));
}

/**
 * What a tree depends on: the project's name, version and typed specs are taken out, because none of them changes
 * what `uv sync --frozen` installs, and two people who wrote them differently should share the tree.
 */
export function treeLockfile(text: string): string {
  return mapRoot(text, (block) => {
    const [head = ''] = block.split(/\n+(?=\[package\.)/, 1);
    return head
      .replace(NAME, `name = "${TREE_PROJECT}"`)
      .replace(/^version = "[^"]+"$/m, `version = "${TREE_VERSION}"`);
  });
}

const NO_INDEX = 'https://preferences.invalid/simple';
/** No interpreter and no manifest says this, so uv never takes the file for a lock that still fits. */
const NO_PYTHON = '>=3.0.1';

/**
 * A lockfile that a person gave, made unfit in a way that uv always notices: it then keeps the versions as
 * preferences, but takes addresses and hashes from the indexes that are really allowed. A lock that fits would be
 * taken as it is, with whatever addresses it names.
 * Null when something escaped the change, because the file is not in the form that uv writes.
 */
export function asPreferences(text: string): string | null {
  const changed = text
    .replaceAll(/registry = "[^"]+"/g, `registry = "${NO_INDEX}"`)
    .replace(/^requires-python = "[^"]*"$/m, `requires-python = "${NO_PYTHON}"`);
  const parsed = parseUvLock(changed);
  if (!parsed.ok || parsed.lock.requiresPython !== NO_PYTHON) return null;
  return parsed.lock.packages.every((one) => one.isRoot || one.registry === NO_INDEX) ? changed : null;
}

/** `asPreferences` of a text that a person gave; for a task, which returns a check. */
export function checkAsPreferences(text: string): Checked<{ preferences: string | null }> {
  return { ok: true, preferences: asPreferences(text) };
}

/** Whether anything of `asPreferences` is left, that is: uv did not solve anew. */
export function isStillPreferences(lock: UvLock): boolean {
  return lock.requiresPython === NO_PYTHON || lock.packages.some((one) => one.registry === NO_INDEX);
}
