import type { ParsedSpec } from '../specs/types.js';

/** What Darb needs to know of a manifest that has passed every check. */
export interface ParsedManifest {
  /** The text as given. */
  text: string;
  projectName: string;
  /** uv: `requires-python` as typed; pixi: null. */
  requiresPython: string | null;
  /** Direct dependencies of the installed environment, conda ones for pixi. */
  dependencies: ParsedSpec[];
  /** pixi: PyPI dependencies. */
  pypiDependencies: ParsedSpec[];
  channels: string[];
  platforms: string[];
}

/** What an organization allows. Unset lists mean the tool's own default index, and conda-forge. */
export interface ManifestPolicy {
  allowedChannels?: string[];
}

export const DEFAULT_CHANNEL = 'conda-forge';
export const MAX_MANIFEST_BYTES = 256 * 1024;
/** Some thousand packages. */
export const MAX_LOCKFILE_BYTES = 4 * 1024 * 1024;
