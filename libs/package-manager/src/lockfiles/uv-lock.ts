/** `uv.lock`: checked as a person gives it, read into what Darb needs, written in the form that a tree holds. */
import { parseVersion } from '../specs/pep440.js';
import { inputError, normalizeName } from '../specs/text.js';
import type { Checked, InputError } from '../specs/types.js';
import { checkFileText, isTable, parseToml, type Table } from '../manifests/toml.js';
import { MAX_LOCKFILE_BYTES } from '../manifests/types.js';

/** A newer schema is an error in uv as well: it must be solved again. */
const SCHEMA_VERSION = 1;
const MAX_PACKAGES = 5000;

export interface UvDependency {
  name: string;
  /** Set only where the lock holds several versions of the name. */
  version: string | null;
  marker: string | null;
  extras: string[];
}

export interface UvPackage {
  name: string;
  version: string;
  isRoot: boolean;
  /** URL of the index; null for the root. */
  registry: string | null;
  dependencies: UvDependency[];
  optionalDependencies: Record<string, UvDependency[]>;
  /** File name as it stands in the URL → `sha256:…`. */
  files: Map<string, string>;
  hasSdist: boolean;
  hasWheels: boolean;
}

export interface UvLock {
  requiresPython: string;
  packages: UvPackage[];
  root: UvPackage;
}

/** An address a tool may fetch from: http(s), without credentials in it. */
function isPlainUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  return (
    (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
  );
}

class UvLockCheck {
  readonly errors: InputError[] = [];

  run(root: Table): UvLock | null {
    if (root['version'] !== SCHEMA_VERSION) {
      const found = JSON.stringify(root['version'] ?? null);
      this.fail(
        'lockfile_invalid',
        'version',
        `schema ${found} is not known here (${SCHEMA_VERSION} is); leave the lockfile out and let Darb solve`,
      );
      return null;
    }
    const requiresPython = root['requires-python'];
    if (typeof requiresPython !== 'string')
      this.fail('lockfile_invalid', 'requires-python', 'a range is expected');
    const list = root['package'];
    if (!Array.isArray(list)) {
      this.fail(
        'lockfile_invalid',
        'package',
        'there is no package; a lockfile names at least the project itself',
      );
      return null;
    }
    if (list.length > MAX_PACKAGES) {
      this.fail('lockfile_invalid', 'package', `${list.length} packages; at most ${MAX_PACKAGES} are taken`);
      return null;
    }
    const packages = list.map((item, index) => this.readPackage(item, `package[${index}]`));
    const roots = packages.filter((item) => item !== null && item.isRoot);
    if (this.errors.length === 0 && roots.length !== 1) {
      this.fail(
        'lockfile_not_allowed',
        'package',
        `${roots.length} projects; exactly one with \`source = { virtual = "." }\` is taken`,
      );
    }
    if (this.errors.length > 0) return null;
    return { requiresPython: requiresPython as string, packages: packages as UvPackage[], root: roots[0]! };
  }

  private readPackage(item: unknown, field: string): UvPackage | null {
    if (!isTable(item)) return this.fail('lockfile_invalid', field, 'a table is expected');
    const { name, version, source } = item;
    if (typeof name !== 'string' || normalizeName(name) !== name || !/^[a-z0-9][a-z0-9-]*$/.test(name)) {
      return this.fail('lockfile_invalid', `${field}.name`, 'a normalised name is expected');
    }
    if (typeof version !== 'string' || parseVersion(version) === null) {
      return this.fail('lockfile_invalid', `${field}.version`, `the version of ${name} is wrong`);
    }
    if (!isTable(source))
      return this.fail('lockfile_invalid', `${field}.source`, `the source of ${name} is missing`);
    const isRoot = source['virtual'] === '.' || source['editable'] === '.';
    if (!isRoot && !isPlainUrl(source['registry'])) {
      const kind = Object.keys(source)[0] ?? 'unknown';
      return this.fail(
        'lockfile_not_allowed',
        `${field}.source`,
        `${name} comes from a ${kind} source; only packages of an index (http or https, without credentials) are taken`,
      );
    }
    const files = this.readFiles(item, name, field);
    return {
      name,
      version,
      isRoot,
      registry: isRoot ? null : (source['registry'] as string),
      dependencies: this.readDependencies(item['dependencies'], field),
      optionalDependencies: this.readOptional(item['optional-dependencies'], field),
      files,
      hasSdist: item['sdist'] !== undefined,
      hasWheels: Array.isArray(item['wheels']) && item['wheels'].length > 0,
    };
  }

  private readFiles(item: Table, name: string, field: string): Map<string, string> {
    const files = new Map<string, string>();
    const wheels = Array.isArray(item['wheels']) ? item['wheels'] : [];
    const all = item['sdist'] === undefined ? wheels : [...wheels, item['sdist']];
    for (const [index, file] of all.entries()) {
      const place = `${field}.wheels[${index}]`;
      if (!isTable(file) || file['path'] !== undefined || !isPlainUrl(file['url'])) {
        this.fail(
          'lockfile_not_allowed',
          place,
          `a file of ${name} has no http or https address; only files of an index are taken`,
        );
        continue;
      }
      const hash = file['hash'];
      if (typeof hash !== 'string' || !/^sha(256|384|512):[0-9a-f]{64,128}$/.test(hash)) {
        this.fail('lockfile_invalid', place, `a file of ${name} has no sha256`);
        continue;
      }
      const fileName = new URL(file['url'] as string).pathname.split('/').pop() ?? '';
      files.set(fileName, hash);
    }
    return files;
  }

  private readDependencies(value: unknown, field: string): UvDependency[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.fail('lockfile_invalid', `${field}.dependencies`, 'a list is expected');
      return [];
    }
    return value.flatMap((item) => {
      if (!isTable(item) || typeof item['name'] !== 'string') {
        this.fail('lockfile_invalid', `${field}.dependencies`, 'each needs a name');
        return [];
      }
      const { name, version, marker, extra } = item;
      return [
        {
          name,
          version: typeof version === 'string' ? version : null,
          marker: typeof marker === 'string' ? marker : null,
          extras: Array.isArray(extra) ? extra.map(String) : [],
        },
      ];
    });
  }

  private readOptional(value: unknown, field: string): Record<string, UvDependency[]> {
    if (!isTable(value)) return {};
    return Object.fromEntries(
      Object.entries(value).map(([extra, list]) => [extra, this.readDependencies(list, field)]),
    );
  }

  private fail(code: 'lockfile_invalid' | 'lockfile_not_allowed', field: string, reason: string): null {
    // One fault per package is enough for a person; a broken file of thousands must not answer with thousands.
    if (this.errors.length < 20) this.errors.push(inputError(code, `${field}: ${reason}.`, { field }));
    return null;
  }
}

export function parseUvLock(text: unknown): Checked<{ lock: UvLock }> {
  const fault = checkFileText(text, 'lockfile_invalid', 'lockfile', MAX_LOCKFILE_BYTES);
  if (fault !== null) return { ok: false, errors: [fault] };
  const parsed = parseToml(text as string, 'lockfile_invalid');
  if ('error' in parsed) return { ok: false, errors: [parsed.error] };
  const check = new UvLockCheck();
  const lock = check.run(parsed.value);
  return lock === null ? { ok: false, errors: check.errors } : { ok: true, lock };
}
