/** Everything that others may use: the port, its factory, and the pure checks of text from people. */
export * from './port.js';
export * from './errors.js';
export { changeOf, solveRequestOf } from './change.js';

export type { Checked, InputError, InputErrorCode, ParsedSpec } from './specs/types.js';
export { MAX_SPECS, MAX_SPEC_LENGTH, parseNames, parseSpecs, type SpecKind } from './specs/parse-specs.js';
export {
  checkEnvironmentName,
  checkPythonRequest,
  ENVIRONMENT_NAME,
  type PythonRequest,
} from './specs/names.js';
export { normalizeName } from './specs/text.js';
export { checkLockfile, parseManifest, type LockfileSummary } from './check-files.js';
export {
  DEFAULT_CHANNEL,
  MAX_LOCKFILE_BYTES,
  MAX_MANIFEST_BYTES,
  type ManifestPolicy,
  type ParsedManifest,
} from './manifests/types.js';
