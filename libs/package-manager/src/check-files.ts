/** Manifests and lockfiles as they come in a request body, by package manager. */
import type { PackageManagerType } from '@darb/models';
import { parsePixiLock } from './lockfiles/pixi-lock.js';
import { parseUvLock } from './lockfiles/uv-lock.js';
import { parsePixiToml } from './manifests/pixi-toml.js';
import { parsePyproject } from './manifests/pyproject.js';
import type { ManifestPolicy, ParsedManifest } from './manifests/types.js';
import { inputError } from './specs/text.js';
import type { Checked } from './specs/types.js';

/** `pyproject.toml` for uv, `pixi.toml` for pixi. */
export function parseManifest(
  manager: PackageManagerType,
  text: unknown,
  policy: ManifestPolicy = {},
): Checked<{ manifest: ParsedManifest }> {
  return manager === 'uv' ? parsePyproject(text) : parsePixiToml(text, policy);
}

export interface LockfileSummary {
  packageCount: number;
}

/** `uv.lock` for uv, `pixi.lock` for pixi. What passes is still only a preference: the adapter solves with it. */
export function checkLockfile(
  manager: PackageManagerType,
  text: unknown,
): Checked<{ lockfile: LockfileSummary }> {
  if (manager === 'uv') {
    const result = parseUvLock(text);
    return result.ok ? { ok: true, lockfile: { packageCount: result.lock.packages.length } } : result;
  }
  const result = parsePixiLock(text);
  if (!result.ok) return result;
  const packages = [...result.lock.platforms.values()].flat();
  if (!packages.some((one) => one.kind === 'pypi'))
    return { ok: true, lockfile: { packageCount: packages.length } };
  // Their addresses belong to no channel, so nothing says that they come from an allowed index.
  const message =
    'A pixi.lock with PyPI packages is not taken; leave the lockfile out and let Darb solve the manifest.';
  return { ok: false, errors: [inputError('lockfile_not_allowed', message)] };
}
