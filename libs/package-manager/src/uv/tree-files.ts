/** Where things lie in a uv tree. */

export const UV_PREFIX = '.venv';
export const UV_MANIFEST = 'pyproject.toml';
export const UV_LOCKFILE = 'uv.lock';
/** `pyvenv.cfg` has a handful of lines. */
export const MAX_CONFIGURATION_BYTES = 64 * 1024;
