/** Everything that others may use: the port, its factory, and the pure checks of text from people. */
export * from './port.js';
export * from './errors.js';

export type { Checked, InputError, InputErrorCode, ParsedSpec } from './specs/types.js';
export { MAX_SPECS, MAX_SPEC_LENGTH, parseNames, parseSpecs, type SpecKind } from './specs/parse-specs.js';
export {
  checkEnvironmentName,
  checkPythonRequest,
  ENVIRONMENT_NAME,
  type PythonRequest,
} from './specs/names.js';
export { normalizeName } from './specs/text.js';
export { checkLockfile, parseManifest } from './check-texts.js';
export type { LockfileSummary } from './check-files.js';
export {
  DEFAULT_CHANNEL,
  MAX_LOCKFILE_BYTES,
  MAX_MANIFEST_BYTES,
  type ManifestPolicy,
  type ParsedManifest,
} from './manifests/types.js';

export { createPackageManager } from './factory.js';
export { settingsFromEnvironment } from './settings.js';
export { allowedEnvironment, currentLibc, currentPlatform } from './surroundings.js';
export { canonicalJson, digestOf, DIGEST_SCHEMA } from './digest.js';
export { classifyFailure } from './classify.js';
export { makeReadOnly, removeTree } from './trees/permissions.js';
export { measureTree, type TreeSize } from './trees/walk.js';
export { diffPackages, type PackageChange, type PackageDiff } from './diff.js';
