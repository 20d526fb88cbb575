/** The one place that knows which adapters there are. */
import type { PackageManagerType } from '@darb/models';
import type { PackageManagerAdapter, PackageManagerSettings } from './port.js';
import { UvAdapter } from './uv/adapter.js';

export function createPackageManager(
  type: PackageManagerType,
  settings: PackageManagerSettings,
): PackageManagerAdapter {
  if (type === 'uv') return new UvAdapter(settings);
  throw new Error(`there is no adapter for ${type}`);
}
