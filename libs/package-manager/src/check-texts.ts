/** The checks of manifests and lockfiles for services: large ones off the event loop, each with a bound of time and memory. */
import type { PackageManagerType } from '@darb/models';
import type { LockfileSummary } from './check-files.js';
import type { ManifestPolicy, ParsedManifest } from './manifests/types.js';
import type { Checked } from './specs/types.js';
import { runOnText } from './offload/index.js';

/** `pyproject.toml` for uv, `pixi.toml` for pixi. */
export function parseManifest(
  manager: PackageManagerType,
  text: unknown,
  policy: ManifestPolicy = {},
): Promise<Checked<{ manifest: ParsedManifest }>> {
  return runOnText('manifest_invalid', 'parseManifest', manager, text, policy);
}

/** `uv.lock` for uv, `pixi.lock` for pixi. What passes is still only a preference: the adapter solves with it. */
export function checkLockfile(
  manager: PackageManagerType,
  text: unknown,
): Promise<Checked<{ lockfile: LockfileSummary }>> {
  return runOnText('lockfile_invalid', 'checkLockfile', manager, text);
}
