/** Turns what a person typed into job arguments, or into one problem that names every fault. */
import type { PackageManagerType } from '@darb/models';
import {
  checkEnvironmentName,
  checkLockfile,
  checkPythonRequest,
  parseManifest,
  parseNames,
  parseSpecs,
} from '@darb/package-manager';
import type { Checked, InputError, SpecKind } from '@darb/package-manager';
import { Problem } from '@darb/service-kit';
import type { FieldError } from '@darb/service-kit';

/** Collects the faults of several fields, so that a person sees all of them at once. */
export class InputCheck {
  private readonly errors: FieldError[] = [];

  take<T>(field: string, checked: Checked<T>): T | undefined {
    if (checked.ok) return checked;
    this.errors.push(...checked.errors.map((error) => fieldError(field, error)));
    return undefined;
  }

  fail(field: string, code: string, message: string): void {
    this.errors.push({ field, code, message, position: null });
  }

  /** @throws Problem 422 with the first fault's code and sentence, and all of them in `errors`. */
  done(): void {
    const [first] = this.errors;
    if (!first) return;
    const more = this.errors.length > 1 ? ` (and ${this.errors.length - 1} more, see errors)` : '';
    throw new Problem(422, first.code, `${first.field}: ${first.message}${more}`, { errors: this.errors });
  }
}

function fieldError(field: string, error: InputError): FieldError {
  const place = error.index === null ? field : `${field}[${error.index}]`;
  return {
    field: error.field === null || error.field === field ? place : `${place}.${error.field}`,
    code: error.code,
    message: error.message,
    position: error.position,
  };
}

export interface SpecInput {
  packages?: string[];
  pypi_packages?: string[];
}

/** Specs to install. `required`: an empty list is a fault. */
export function checkSpecs(
  check: InputCheck,
  manager: PackageManagerType,
  input: SpecInput,
  required: boolean,
): { packages: string[]; pypi_packages: string[] } {
  // null is as good as nothing: what checks optional fields lets it pass.
  const packages = input.packages ?? [];
  const pypiPackages = input.pypi_packages ?? [];
  if (pypiPackages.length > 0 && manager !== 'pixi') {
    check.fail(
      'pypi_packages',
      'validation_failed',
      'Only pixi environments have pypi_packages; use packages.',
    );
  }
  if (required && packages.length === 0 && pypiPackages.length === 0) {
    check.fail(
      'packages',
      'validation_failed',
      'Name at least one package, for example "rich" or "httpx>=0.27".',
    );
  }
  return {
    packages: specsOf(check, 'packages', manager, packages),
    pypi_packages: specsOf(check, 'pypi_packages', 'pypi', pypiPackages),
  };
}

function specsOf(check: InputCheck, field: string, syntax: SpecKind, specs: string[]): string[] {
  if (specs.length === 0) return [];
  return check.take(field, parseSpecs(syntax, specs))?.specs.map((spec) => spec.raw) ?? [];
}

export function checkNames(check: InputCheck, manager: PackageManagerType, names: string[]): string[] {
  return check.take('packages', parseNames(manager, names))?.names ?? [];
}

export function checkName(check: InputCheck, name: string): void {
  check.take('name', checkEnvironmentName(name));
}

export function checkPython(check: InputCheck, python: string | undefined): void {
  if (python !== undefined) check.take('python', checkPythonRequest(python));
}

/** A manifest and lockfile that a person gave in place of specs. */
export async function checkDocuments(
  check: InputCheck,
  manager: PackageManagerType,
  input: { manifest?: string; lockfile?: string } & SpecInput,
): Promise<{ manifest: string | null; lockfile: string | null }> {
  const manifest = input.manifest ?? null;
  const lockfile = input.lockfile ?? null;
  if (lockfile !== null && manifest === null) {
    check.fail('lockfile', 'validation_failed', 'A lockfile needs the manifest that it belongs to.');
  }
  if (manifest === null) return { manifest: null, lockfile: null };
  if ((input.packages?.length ?? 0) + (input.pypi_packages?.length ?? 0) > 0) {
    check.fail('packages', 'validation_failed', 'Give either a manifest or packages, not both.');
  }
  check.take('manifest', await parseManifest(manager, manifest));
  if (lockfile !== null) check.take('lockfile', await checkLockfile(manager, lockfile));
  return { manifest, lockfile };
}

/** Labels are short text to short text. */
export function checkLabels(check: InputCheck, labels: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(labels);
  if (entries.length > 50) check.fail('labels', 'validation_failed', 'At most 50 labels.');
  for (const [key, value] of entries) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key)) {
      check.fail(
        `labels.${key.slice(0, 80)}`,
        'validation_failed',
        'A label is 1 to 63 letters, digits, or . _ / -',
      );
    } else if (typeof value !== 'string' || value.length > 200) {
      check.fail(`labels.${key}`, 'validation_failed', 'A label’s value is text of at most 200 characters.');
    }
  }
  return labels as Record<string, string>;
}
