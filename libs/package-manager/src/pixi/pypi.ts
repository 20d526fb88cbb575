/** PyPI packages in a pixi prefix. */
import { readDistributions, sitePackagesOf, type Distribution } from '../python/dist-info.js';
import type { PixiPackage } from '../lockfiles/pixi-lock.js';

/** conda packages of Python libraries have a dist-info too: only what the lock calls PyPI is looked at. */
export async function pypiDistributions(
  prefix: string,
  expected: PixiPackage[],
): Promise<Map<string, Distribution>> {
  const names = new Set(expected.map((one) => one.name));
  const sitePackages = names.size === 0 ? null : await sitePackagesOf(prefix);
  if (sitePackages === null) return new Map();
  const all = await readDistributions(sitePackages);
  return new Map(all.filter((one) => names.has(one.name)).map((one) => [one.name, one]));
}
