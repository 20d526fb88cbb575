/** `pixi.toml` as a person gives it: one environment of conda and PyPI packages; each refusal names its field. */
import { parseMatchSpec } from '../specs/matchspec.js';
import { parseRequirement, type SpecResult } from '../specs/pep508.js';
import { firstUnprintable, inputError, quote } from '../specs/text.js';
import type { Checked, InputError, ParsedSpec } from '../specs/types.js';
import { checkFileText, isTable, parseToml, replaceString, type Table } from './toml.js';
import { DEFAULT_CHANNEL, MAX_MANIFEST_BYTES, type ManifestPolicy, type ParsedManifest } from './types.js';

export const PLATFORMS = [
  'linux-64',
  'linux-aarch64',
  'linux-ppc64le',
  'linux-s390x',
  'linux-riscv64',
  'osx-64',
  'osx-arm64',
  'win-64',
  'win-arm64',
] as const;

const TOP_LEVEL = new Set([
  'workspace',
  'dependencies',
  'pypi-dependencies',
  'pypi-options',
  'target',
  'tasks',
]);

const REFUSED_TOP_LEVEL: Record<string, string> = {
  project: 'write `[workspace]` instead of `[project]`',
  package: 'the workspace itself is not built; remove it',
  activation: 'activation scripts would run while packages are installed; remove it',
  feature: 'an environment has one set of packages; write them below `[dependencies]`',
  environments: 'an environment has one set of packages; write them below `[dependencies]`',
  'build-dependencies': 'nothing is built; remove it',
  'host-dependencies': 'nothing is built; remove it',
  dev: 'nothing is built; remove it',
};

const WORKSPACE_FIELDS = new Set([
  'name',
  'version',
  'description',
  'authors',
  'license',
  'homepage',
  'repository',
  'documentation',
  'channels',
  'platforms',
  'conda-pypi-map',
  'channel-priority',
  'solve-strategy',
]);

const REFUSED_WORKSPACE_FIELDS: Record<string, string> = {
  preview: 'preview features can build packages; remove it',
  readme: 'files beside the manifest are not taken; remove it',
  'license-file': 'files beside the manifest are not taken; remove it',
  's3-options': 'channels are set by the organization; remove it',
  'build-variants': 'nothing is built; remove it',
  'requires-pixi': 'the version of pixi is decided by Darb; remove it',
};

const CONDA_FIELDS = new Set(['version', 'build']);
const PYPI_FIELDS = new Set(['version', 'extras', 'env-markers']);

class PixiCheck {
  readonly errors: InputError[] = [];
  private readonly dependencies: ParsedSpec[] = [];
  private readonly pypiDependencies: ParsedSpec[] = [];

  constructor(
    private readonly text: string,
    private readonly policy: ManifestPolicy,
  ) {}

  run(root: Table): ParsedManifest | null {
    for (const key of Object.keys(root)) {
      if (!TOP_LEVEL.has(key)) this.refuse(key, REFUSED_TOP_LEVEL[key] ?? 'it is not taken here; remove it');
    }
    const workspace = root['workspace'];
    if (!isTable(workspace)) {
      this.invalid('workspace', 'a `[workspace]` table with `name`, `channels` and `platforms` is missing');
      return null;
    }
    const projectName = this.checkWorkspace(workspace);
    const channels = this.checkChannels(workspace['channels']);
    const platforms = this.checkPlatforms(workspace['platforms']);
    this.checkDependencies(root, '');
    this.checkTargets(root['target']);
    this.checkPypiOptions(root['pypi-options'], 'pypi-options');
    if (this.errors.length > 0) return null;
    const { dependencies, pypiDependencies } = this;
    return {
      text: this.text,
      projectName,
      requiresPython: null,
      dependencies,
      pypiDependencies,
      channels,
      platforms,
    };
  }

  private checkWorkspace(workspace: Table): string {
    for (const key of Object.keys(workspace)) {
      if (key === 'pypi-options') this.checkPypiOptions(workspace[key], 'workspace.pypi-options');
      else if (!WORKSPACE_FIELDS.has(key)) {
        this.refuse(`workspace.${key}`, REFUSED_WORKSPACE_FIELDS[key] ?? 'it is not taken here; remove it');
      }
    }
    const name = workspace['name'];
    // pixi takes any name; one with `/` has put a prefix outside of its folder.
    if (typeof name !== 'string' || !/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name)) {
      this.invalid('workspace.name', 'a name of letters, digits, `.`, `_` and `-` is expected');
    } else if (replaceString(this.text, 'workspace', 'name', 'environment') === null) {
      this.invalid('workspace.name', 'write it as `name = "…"` on a line of its own below `[workspace]`');
    }
    if (![undefined, false].includes(workspace['conda-pypi-map'] as undefined)) {
      this.refuse('workspace.conda-pypi-map', 'a map is fetched by address; remove it or write `false`');
    }
    if (![undefined, 'strict'].includes(workspace['channel-priority'] as undefined)) {
      this.refuse(
        'workspace.channel-priority',
        'only `"strict"` is taken, so that a channel cannot shadow another',
      );
    }
    return String(name);
  }

  private checkChannels(value: unknown): string[] {
    const field = 'workspace.channels';
    if (!Array.isArray(value) || value.length === 0) {
      this.invalid(field, `a list such as \`["${DEFAULT_CHANNEL}"]\` is expected`);
      return [];
    }
    const allowed = this.policy.allowedChannels ?? [DEFAULT_CHANNEL];
    return value.flatMap((channel, index) => {
      if (typeof channel === 'string' && allowed.includes(channel)) return [channel];
      const shown = typeof channel === 'string' ? quote(channel) : 'that';
      this.refuse(`${field}[${index}]`, `${shown} is not an allowed channel; allowed: ${allowed.join(', ')}`);
      return [];
    });
  }

  private checkPlatforms(value: unknown): string[] {
    const field = 'workspace.platforms';
    // Without platforms pixi locks to nothing and says that all is well.
    if (!Array.isArray(value) || value.length === 0) {
      this.invalid(field, 'a list such as `["linux-64"]` is expected');
      return [];
    }
    for (const [index, platform] of value.entries()) {
      if (PLATFORMS.includes(platform as (typeof PLATFORMS)[number])) continue;
      this.invalid(`${field}[${index}]`, `one of ${PLATFORMS.join(', ')} is expected`);
    }
    return value.map(String);
  }

  private checkTargets(targets: unknown): void {
    if (targets === undefined) return;
    if (!isTable(targets)) return this.invalid('target', 'a table is expected');
    for (const [platform, target] of Object.entries(targets)) {
      const field = `target.${platform}`;
      if (!isTable(target)) {
        this.invalid(field, 'a table is expected');
        continue;
      }
      for (const key of Object.keys(target)) {
        if (!['dependencies', 'pypi-dependencies', 'tasks'].includes(key)) {
          this.refuse(`${field}.${key}`, REFUSED_TOP_LEVEL[key] ?? 'it is not taken here; remove it');
        }
      }
      this.checkDependencies(target, `${field}.`);
    }
  }

  private checkDependencies(owner: Table, prefix: string): void {
    this.dependencies.push(...this.checkTable(owner['dependencies'], `${prefix}dependencies`, CONDA_FIELDS));
    const pypi = this.checkTable(owner['pypi-dependencies'], `${prefix}pypi-dependencies`, PYPI_FIELDS);
    this.pypiDependencies.push(...pypi);
  }

  private checkTable(value: unknown, field: string, allowed: Set<string>): ParsedSpec[] {
    if (value === undefined) return [];
    if (!isTable(value)) {
      this.invalid(field, 'a table such as `numpy = ">=2"` is expected');
      return [];
    }
    return Object.entries(value).flatMap(([name, spec]) => {
      const place = `${field}.${name}`;
      const table = typeof spec === 'string' ? { version: spec } : spec;
      if (!isTable(table)) {
        this.invalid(place, 'a version such as `">=2"` is expected');
        return [];
      }
      const foreign = Object.keys(table).filter((key) => !allowed.has(key));
      for (const key of foreign) {
        this.refuse(`${place}.${key}`, 'packages come from the channels of the environment only; remove it');
      }
      if (foreign.length > 0) return [];
      return this.parseEntry(name, table, place, allowed === PYPI_FIELDS);
    });
  }

  private parseEntry(name: string, table: Table, place: string, isPypi: boolean): ParsedSpec[] {
    const { version = '*', build } = table;
    const extras = Array.isArray(table['extras']) ? `[${table['extras'].join(',')}]` : '';
    const constraint = version === '*' ? '' : String(version);
    const text = isPypi ? `${name}${extras}${constraint}` : `${name} ${version} ${build ?? ''}`.trim();
    if (typeof version !== 'string' || text.length > 500 || firstUnprintable(text) !== null) {
      this.invalid(place, 'a version such as `">=2"` is expected');
      return [];
    }
    const result: SpecResult = isPypi ? parseRequirement(text) : parseMatchSpec(text);
    if ('spec' in result) return [{ ...result.spec, version: String(version) }];
    const code = result.error.code === 'spec_not_allowed' ? 'manifest_not_allowed' : 'manifest_invalid';
    this.errors.push({ ...result.error, code, position: null, field: place });
    return [];
  }

  private checkPypiOptions(value: unknown, field: string): void {
    if (value === undefined) return;
    if (!isTable(value)) return this.invalid(field, 'a table is expected');
    for (const [key, setting] of Object.entries(value)) {
      if (key === 'no-build' && setting === true) continue;
      this.refuse(`${field}.${key}`, 'indexes and builds are decided by the organization; remove it');
    }
  }

  private invalid(field: string, reason: string): void {
    this.errors.push(inputError('manifest_invalid', `${field}: ${reason}.`, { field }));
  }

  private refuse(field: string, reason: string): void {
    this.errors.push(inputError('manifest_not_allowed', `${field}: ${reason}.`, { field }));
  }
}

export function parsePixiToml(
  text: unknown,
  policy: ManifestPolicy = {},
): Checked<{ manifest: ParsedManifest }> {
  const fault = checkFileText(text, 'manifest_invalid', 'manifest', MAX_MANIFEST_BYTES);
  if (fault !== null) return { ok: false, errors: [fault] };
  const parsed = parseToml(text as string, 'manifest_invalid');
  if ('error' in parsed) return { ok: false, errors: [parsed.error] };
  const check = new PixiCheck(text as string, policy);
  const manifest = check.run(parsed.value);
  return manifest === null ? { ok: false, errors: check.errors } : { ok: true, manifest };
}
