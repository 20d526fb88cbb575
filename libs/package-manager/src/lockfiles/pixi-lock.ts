/** `pixi.lock`: checked as a person gives it, and read into what Darb needs. */
import { inputError, normalizeName } from '../specs/text.js';
import type { Checked, InputError } from '../specs/types.js';
import { checkFileText, isTable, type Table } from '../manifests/toml.js';
import { MAX_LOCKFILE_BYTES } from '../manifests/types.js';
import { BlockSyntaxError, parseBlockYaml } from './block-yaml.js';

/** Versions that a current pixi reads; it writes 7. */
const SCHEMA_VERSIONS = ['6', '7'];
const MAX_PACKAGES = 20_000;
const MAX_FILE_NAME = 255;

export interface PixiPackage {
  kind: 'conda' | 'pypi';
  name: string;
  version: string;
  build: string | null;
  /** Address (or absolute path for a `file://` channel) of the archive. */
  location: string;
  sha256: string | null;
}

export interface PixiLock {
  channels: string[];
  /** Platform → its packages, of the environment `default`. */
  platforms: Map<string, PixiPackage[]>;
}

/** `name-version-build` out of the archive's file name; names may hold `-`, versions and builds may not. */
function splitArchiveName(location: string): { name: string; version: string; build: string } | null {
  const file = location.split('/').pop() ?? '';
  // The pattern below tries every hyphen.
  if (file.length > MAX_FILE_NAME) return null;
  const match = /^(.+)-([^-]+)-([^-]+)\.(?:conda|tar\.bz2)$/.exec(file);
  return match === null ? null : { name: match[1]!, version: match[2]!, build: match[3]! };
}

/** A `file://` channel appears in the list of packages as a plain path. */
function isBelow(location: string, channel: string): boolean {
  const base = channel.endsWith('/') ? channel : `${channel}/`;
  if (location.split('/').some((part) => part === '..' || part === '.')) return false;
  return (
    location.startsWith(base) ||
    (base.startsWith('file://') && location.startsWith(base.slice('file://'.length)))
  );
}

class PixiLockCheck {
  readonly errors: InputError[] = [];
  private readonly records = new Map<string, Table>();

  run(root: unknown): PixiLock | null {
    if (!isTable(root)) return this.fail('lockfile_invalid', 'version', 'the file holds no table');
    if (!SCHEMA_VERSIONS.includes(root['version'] as string)) {
      const found = JSON.stringify(root['version'] ?? null);
      return this.fail(
        'lockfile_invalid',
        'version',
        `schema ${found} is not known here (${SCHEMA_VERSIONS.join(' and ')} are); leave the lockfile out and let Darb solve`,
      );
    }
    const environments = root['environments'];
    if (!isTable(environments) || !isTable(environments['default'])) {
      return this.fail('lockfile_invalid', 'environments', 'the environment `default` is missing');
    }
    const others = Object.keys(environments).filter((name) => name !== 'default');
    if (others.length > 0) {
      return this.fail(
        'lockfile_not_allowed',
        `environments.${others[0]}`,
        'only the environment `default` is taken',
      );
    }
    this.readRecords(root['packages']);
    const lock = this.readEnvironment(environments['default']);
    return this.errors.length > 0 ? null : lock;
  }

  private readRecords(value: unknown): void {
    if (!Array.isArray(value) || value.length > MAX_PACKAGES) {
      this.fail('lockfile_invalid', 'packages', `a list of at most ${MAX_PACKAGES} packages is expected`);
      return;
    }
    for (const [index, item] of value.entries()) {
      const location = isTable(item) ? (item['conda'] ?? item['pypi']) : null;
      if (typeof location === 'string') this.records.set(location, item as Table);
      else this.fail('lockfile_invalid', `packages[${index}]`, 'a package by `conda` or `pypi` is expected');
    }
  }

  private readEnvironment(environment: Table): PixiLock {
    const list = Array.isArray(environment['channels']) ? environment['channels'] : [];
    const channels = list.map((item) => (isTable(item) ? String(item['url']) : String(item)));
    const platforms = new Map<string, PixiPackage[]>();
    const packages = isTable(environment['packages']) ? environment['packages'] : {};
    for (const [platform, items] of Object.entries(packages)) {
      const field = `environments.default.packages.${platform}`;
      if (!Array.isArray(items)) this.fail('lockfile_invalid', field, 'a list is expected');
      else
        platforms.set(
          platform,
          items.flatMap((item, index) => this.readPackage(item, `${field}[${index}]`, channels)),
        );
    }
    return { channels, platforms };
  }

  private readPackage(item: unknown, field: string, channels: string[]): PixiPackage[] {
    const conda = isTable(item) ? item['conda'] : undefined;
    const pypi = isTable(item) ? item['pypi'] : undefined;
    const location = conda ?? pypi;
    const record = typeof location === 'string' ? this.records.get(location) : undefined;
    if (typeof location !== 'string' || record === undefined) {
      this.fail('lockfile_invalid', field, 'it refers to a package that the file does not describe');
      return [];
    }
    const sha256 = typeof record['sha256'] === 'string' ? record['sha256'] : null;
    if (pypi !== undefined) return this.readPypi(location, record, sha256, field);
    const parts = splitArchiveName(location);
    if (parts === null || !channels.some((channel) => isBelow(location, channel))) {
      this.fail('lockfile_not_allowed', field, 'the package is not an archive of one of the channels');
      return [];
    }
    // Without a hash pixi installs whatever the server gives.
    if (sha256 === null) this.fail('lockfile_not_allowed', field, 'the package has no sha256');
    return [{ kind: 'conda', ...parts, location, sha256 }];
  }

  private readPypi(location: string, record: Table, sha256: string | null, field: string): PixiPackage[] {
    const { name, version } = record;
    const isWheel = /^https?:\/\/[^@]+\.whl$/.test(location);
    if (!isWheel || sha256 === null || typeof name !== 'string' || typeof version !== 'string') {
      this.fail(
        'lockfile_not_allowed',
        field,
        'a PyPI package must be a wheel of an index, with name, version and sha256',
      );
      return [];
    }
    return [{ kind: 'pypi', name: normalizeName(name), version, build: null, location, sha256 }];
  }

  private fail(code: 'lockfile_invalid' | 'lockfile_not_allowed', field: string, reason: string): null {
    if (this.errors.length < 20) this.errors.push(inputError(code, `${field}: ${reason}.`, { field }));
    return null;
  }
}

export function parsePixiLock(text: unknown): Checked<{ lock: PixiLock }> {
  const fault = checkFileText(text, 'lockfile_invalid', 'lockfile', MAX_LOCKFILE_BYTES);
  if (fault !== null) return { ok: false, errors: [fault] };
  let root: unknown;
  try {
    root = parseBlockYaml(text as string);
  } catch (error) {
    if (!(error instanceof BlockSyntaxError)) throw error;
    const message = `This is not a lockfile as pixi writes it (line ${error.line}): ${error.message}.`;
    return { ok: false, errors: [inputError('lockfile_invalid', message)] };
  }
  const check = new PixiLockCheck();
  const lock = check.run(root);
  return lock === null ? { ok: false, errors: check.errors } : { ok: true, lock };
}
