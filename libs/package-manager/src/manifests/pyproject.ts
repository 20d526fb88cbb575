/** `pyproject.toml` as a person gives it: only what describes an environment passes, each refusal names its field. */
import { parseRequirement } from '../specs/pep508.js';
import { parseSpecifiers, parseVersion } from '../specs/pep440.js';
import { MarkerSyntaxError, parseMarker } from '../specs/markers.js';
import { firstUnprintable, inputError, quote } from '../specs/text.js';
import type { Checked, InputError, ParsedSpec } from '../specs/types.js';
import { checkFileText, isTable, parseToml, replaceString, type Table } from './toml.js';
import { MAX_MANIFEST_BYTES, type ParsedManifest } from './types.js';

const PROJECT_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const TOP_LEVEL = new Set(['project', 'dependency-groups', 'tool']);

/** Why a field is refused. What is not listed under `tool.uv` below is refused with the last sentence. */
const REFUSED_PROJECT_FIELDS: Record<string, string> = {
  dynamic: 'dynamic fields need a build; write the values themselves',
  'license-files': 'files beside the manifest are not taken; remove it',
};

const REFUSED_UV_FIELDS: Record<string, string> = {
  sources: 'packages come from the index only; remove the source and give a version instead',
  index: 'indexes are set by the organization, not by a manifest; remove it',
  'index-url': 'indexes are set by the organization, not by a manifest; remove it',
  'extra-index-url': 'indexes are set by the organization, not by a manifest; remove it',
  'find-links': 'packages come from the index only; remove it',
  workspace: 'an environment is a single project; remove the workspace',
  'build-constraint-dependencies': 'packages are installed from wheels, nothing is built; remove it',
  'extra-build-dependencies': 'packages are installed from wheels, nothing is built; remove it',
  'dev-dependencies': 'use `[dependency-groups]` or `project.dependencies` instead',
};

const SPEC_LISTS = new Set(['constraint-dependencies', 'override-dependencies']);
const MARKER_LISTS = new Set(['environments', 'required-environments']);

class PyprojectCheck {
  readonly errors: InputError[] = [];

  constructor(private readonly text: string) {}

  run(root: Table): ParsedManifest | null {
    for (const key of Object.keys(root)) if (!TOP_LEVEL.has(key)) this.refuseTopLevel(key);
    const project = root['project'];
    if (!isTable(project)) {
      this.invalid('project', 'a `[project]` table with `name` and `version` is missing');
      return null;
    }
    const projectName = this.checkIdentity(project);
    this.checkProjectFields(project);
    const dependencies = this.checkSpecs(project['dependencies'] ?? [], 'project.dependencies');
    this.checkSpecTables(project['optional-dependencies'], 'project.optional-dependencies');
    this.checkSpecTables(root['dependency-groups'], 'dependency-groups');
    const tool = root['tool'];
    if (isTable(tool) && tool['uv'] !== undefined) this.checkUv(tool['uv']);
    if (this.errors.length > 0) return null;
    const requiresPython = (project['requires-python'] as string | undefined) ?? null;
    return {
      text: this.text,
      projectName,
      requiresPython,
      dependencies,
      pypiDependencies: [],
      channels: [],
      platforms: [],
    };
  }

  private refuseTopLevel(key: string): void {
    const reason =
      key === 'build-system'
        ? 'the project itself is not built or installed; remove it'
        : 'only `[project]`, `[dependency-groups]` and `[tool]` are taken; remove it';
    this.refuse(key, reason);
  }

  private checkIdentity(project: Table): string {
    const { name, version } = project;
    if (typeof name !== 'string' || !PROJECT_NAME.test(name)) {
      this.invalid('project.name', 'a name of letters, digits, `.`, `_` and `-` is expected');
    } else if (replaceString(this.text, 'project', 'name', 'environment') === null) {
      this.invalid('project.name', 'write it as `name = "…"` on a line of its own below `[project]`');
    }
    if (typeof version !== 'string' || parseVersion(version) === null) {
      this.invalid('project.version', 'a version such as `"0.1.0"` is expected');
    }
    const python = project['requires-python'];
    if (python !== undefined && (typeof python !== 'string' || parseSpecifiers(python) === null)) {
      this.invalid('project.requires-python', 'a range such as `">=3.11"` is expected');
    }
    return String(name);
  }

  private checkProjectFields(project: Table): void {
    for (const [field, reason] of Object.entries(REFUSED_PROJECT_FIELDS)) {
      const value = project[field];
      const isEmpty = Array.isArray(value) && value.length === 0;
      if (value !== undefined && !isEmpty) this.refuse(`project.${field}`, reason);
    }
    const { readme, license } = project;
    if (typeof readme === 'string' || (isTable(readme) && readme['file'] !== undefined)) {
      this.refuse('project.readme', 'files beside the manifest are not taken; remove it');
    }
    if (isTable(license) && license['file'] !== undefined) {
      this.refuse(
        'project.license',
        'files beside the manifest are not taken; write `license = "MIT"` or the like',
      );
    }
  }

  private checkSpecs(value: unknown, field: string): ParsedSpec[] {
    if (!Array.isArray(value)) {
      this.invalid(field, 'a list of packages is expected');
      return [];
    }
    return value.flatMap((item, index) => {
      const place = `${field}[${index}]`;
      // Groups may include one another; that names no package.
      if (isTable(item) && typeof item['include-group'] === 'string') return [];
      if (
        typeof item !== 'string' ||
        item.trim() === '' ||
        item.length > 500 ||
        firstUnprintable(item) !== null
      ) {
        this.invalid(place, 'a package such as `"numpy>=2"` is expected');
        return [];
      }
      const result = parseRequirement(item.trim());
      if ('spec' in result) return [result.spec];
      const code = result.error.code === 'spec_not_allowed' ? 'manifest_not_allowed' : 'manifest_invalid';
      this.errors.push({ ...result.error, code, field: place });
      return [];
    });
  }

  private checkSpecTables(value: unknown, field: string): void {
    if (value === undefined) return;
    if (!isTable(value)) return this.invalid(field, 'a table of lists is expected');
    for (const [group, specs] of Object.entries(value)) this.checkSpecs(specs, `${field}.${group}`);
  }

  private checkUv(uv: unknown): void {
    if (!isTable(uv)) return this.invalid('tool.uv', 'a table is expected');
    for (const [key, value] of Object.entries(uv)) {
      const field = `tool.uv.${key}`;
      if (SPEC_LISTS.has(key)) this.checkSpecs(value, field);
      else if (MARKER_LISTS.has(key)) this.checkMarkers(value, field);
      else if (key === 'default-groups' || (key === 'package' && value === false)) continue;
      else this.refuse(field, REFUSED_UV_FIELDS[key] ?? 'this setting is decided by Darb; remove it');
    }
  }

  private checkMarkers(value: unknown, field: string): void {
    const markers = Array.isArray(value) ? value : [value];
    for (const [index, marker] of markers.entries()) {
      try {
        if (typeof marker !== 'string') throw new MarkerSyntaxError('a text is expected', 0);
        parseMarker(marker);
      } catch (error) {
        if (!(error instanceof MarkerSyntaxError)) throw error;
        this.invalid(`${field}[${index}]`, `${quote(String(marker))} is not a marker: ${error.message}`);
      }
    }
  }

  private invalid(field: string, reason: string): void {
    this.errors.push(inputError('manifest_invalid', `${field}: ${reason}.`, { field }));
  }

  private refuse(field: string, reason: string): void {
    this.errors.push(inputError('manifest_not_allowed', `${field}: ${reason}.`, { field }));
  }
}

export function parsePyproject(text: unknown): Checked<{ manifest: ParsedManifest }> {
  const fault = checkFileText(text, 'manifest_invalid', 'manifest', MAX_MANIFEST_BYTES);
  if (fault !== null) return { ok: false, errors: [fault] };
  const parsed = parseToml(text as string, 'manifest_invalid');
  if ('error' in parsed) return { ok: false, errors: [parsed.error] };
  const check = new PyprojectCheck(text as string);
  const manifest = check.run(parsed.value);
  return manifest === null ? { ok: false, errors: check.errors } : { ok: true, manifest };
}

/** The same text under another project name. @throws when the text was not accepted by `parsePyproject`. */
export function renameProject(text: string, name: string): string {
  const renamed = replaceString(text, 'project', 'name', name);
  if (renamed === null) throw new Error('the manifest has no `name = "…"` line below `[project]`');
  return renamed;
}
