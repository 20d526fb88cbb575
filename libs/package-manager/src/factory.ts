/** The one place that knows which adapters there are. */
import type { PackageManagerType } from '@darb/models';
import { PixiAdapter } from './pixi/adapter.js';
import type { PackageManagerAdapter, PackageManagerSettings } from './port.js';
import { UvAdapter } from './uv/adapter.js';

export function createPackageManager(
  type: PackageManagerType,
  settings: PackageManagerSettings,
): PackageManagerAdapter {
  return type === 'uv' ? new UvAdapter(settings) : new PixiAdapter(settings);
}
