import type { Environment } from './api';

/** It has a revision, but the files of that were found missing or changed, and come again. */
export function isRebuilding({
  revision,
  path,
  status,
}: Pick<Environment, 'revision' | 'path' | 'status'>): boolean {
  return revision !== null && path === null && status !== 'deleting' && status !== 'deleted';
}
