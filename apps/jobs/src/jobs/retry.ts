import type { StoredChange } from '@darb/models';
import { parseNames, parseSpecs } from '@darb/package-manager';
import type { Checked } from '@darb/package-manager';
import { Problem } from '@darb/service-kit';
import type { FieldError } from '@darb/service-kit';
import type { RetryJobBody } from './jobs.dto.js';
import type { SeenJob } from './jobs.repository.js';

/**
 * What a retry of the job is to do: the same, with other packages where they were edited.
 * @throws Problem 409 `not_retryable`, 422 with every fault of the edited specs
 */
export async function changeToRetry(job: SeenJob, edited: RetryJobBody): Promise<StoredChange> {
  if (job.status !== 'failed' && job.status !== 'cancelled') {
    throw new Problem(
      409,
      'not_retryable',
      `Only a failed or cancelled job can be retried; this one is ${job.status}.`,
    );
  }
  if (edited.packages === undefined && edited.pypi_packages === undefined) return job.change;
  return withPackages(job, edited);
}

function withPackages({ change, requirements }: SeenJob, edited: RetryJobBody): StoredChange {
  const manager = requirements.manager?.type ?? 'uv';
  const faults: FieldError[] = [];
  const take = <T>(field: string, checked: Checked<T>): T | undefined => {
    if (checked.ok) return checked;
    for (const { index, code, message, position } of checked.errors) {
      faults.push({ field: index === null ? field : `${field}[${index}]`, code, message, position });
    }
    return undefined;
  };
  const { packages, pypi_packages: pypiPackages } = edited;
  let result: StoredChange;
  if (change.type === 'create' || change.type === 'install') {
    const isDocument = change.type === 'create' && change.manifest !== null;
    if (isDocument) throw notEditable(change.type);
    if (pypiPackages && pypiPackages.length > 0 && manager !== 'pixi') {
      faults.push({
        field: 'pypi_packages',
        code: 'validation_failed',
        message: 'Only pixi environments have pypi_packages; use packages.',
      });
    }
    const specs = packages && take('packages', parseSpecs(manager, packages));
    const pypiSpecs = pypiPackages && take('pypi_packages', parseSpecs('pypi', pypiPackages));
    result = {
      ...change,
      packages: specs ? specs.specs.map(({ raw }) => raw) : change.packages,
      pypi_packages: pypiSpecs ? pypiSpecs.specs.map(({ raw }) => raw) : change.pypi_packages,
    };
    const isEmpty = result.packages.length + result.pypi_packages.length === 0;
    if (change.type === 'install' && isEmpty) faults.push(nothingNamed());
  } else if ((change.type === 'remove' || change.type === 'update') && packages) {
    const names = take('packages', parseNames(manager, packages));
    result = { ...change, packages: names?.names ?? [] };
    if (packages.length === 0) faults.push(nothingNamed());
  } else throw notEditable(change.type);
  const [first] = faults;
  if (first) {
    throw new Problem(422, first.code, `${first.field}: ${first.message}`, { errors: faults });
  }
  return result;
}

function nothingNamed(): FieldError {
  return { field: 'packages', code: 'validation_failed', message: 'Name at least one package.' };
}

function notEditable(type: string): Problem {
  return new Problem(422, 'validation_failed', `The packages of a job of type ${type} can not be changed.`);
}
