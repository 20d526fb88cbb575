/** Settings of an adapter from a worker's environment variables. */
import type { PackageManagerType } from '@darb/models';
import type { PackageManagerSettings } from './port.js';

function textOf(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim();
}

/** `DARB_PACKAGE_MANAGER_*`; an unset or empty one means the default. */
export function settingsFromEnvironment(
  type: PackageManagerType,
  environment: Readonly<Record<string, string | undefined>>,
): PackageManagerSettings {
  const pythonPaths = textOf(environment['DARB_PACKAGE_MANAGER_UV_PYTHON_PATH']);
  return {
    toolPath: textOf(environment[`DARB_PACKAGE_MANAGER_${type.toUpperCase()}_PATH`]),
    pythonPaths: pythonPaths === null ? [] : pythonPaths.split(':').filter((one) => one !== ''),
    indexUrl: textOf(environment['DARB_PACKAGE_MANAGER_UV_INDEX_URL']),
    environment,
  };
}
