/**
 * What a job does, in the same words from a request's body to the adapter. `D` is how a document (a manifest or
 * lockfile) is carried: its text in a work order, a reference in the database.
 */
export type Change<D = string> = EnvironmentChange<D> | EnvironmentRead<D> | { type: 'delete' } | StoreChange;

/** A change that makes a new revision of an environment. */
export type EnvironmentChange<D = string> =
  | {
      type: 'create';
      /** As asked for, for example `3.12` or `>=3.11,<3.13`; null takes the newest that the worker has. */
      python: string | null;
      /** Specs as typed: PEP 508 for uv, MatchSpec for pixi. */
      packages: string[];
      /** pixi only: PEP 508 specs of packages from PyPI. */
      pypi_packages: string[];
      /** A whole manifest in place of packages, and the lockfile that goes with it. */
      manifest: D | null;
      lockfile: D | null;
    }
  | { type: 'install'; packages: string[]; pypi_packages: string[] }
  /** Names of requested packages. */
  | { type: 'remove'; packages: string[] }
  /** Names; null: everything. */
  | { type: 'update'; packages: string[] | null }
  | { type: 'apply' | 'import'; manifest: D; lockfile: D | null }
  /** The content of an older revision as a new one; nothing is solved. */
  | { type: 'rollback'; revision: number }
  /** The content of another environment's revision; nothing is solved. */
  | { type: 'clone'; environment_id: string; revision: number };

/** Only reads an environment, beside whatever changes it. */
export type EnvironmentRead<D = string> =
  { type: 'plan'; change: EnvironmentChange<D> } | { type: 'export'; format: string };

/** Work on a store: look at every tree, also build damaged ones again, remove what nothing needs. */
export type StoreChange = { type: 'verify' } | { type: 'repair' } | { type: 'collect'; dry_run: boolean };

/** Where a document's text is kept: `environments.documents`. */
export interface DocumentReference {
  sha256: string;
}

/** A change as a job row holds it. */
export type StoredChange = Change<DocumentReference>;

const REVISION_TYPES: readonly string[] = [
  'create',
  'install',
  'remove',
  'update',
  'apply',
  'import',
  'rollback',
  'clone',
];

/** Whether the success of this change is a new revision. */
export function makesRevision<D>(change: Change<D>): change is EnvironmentChange<D> {
  return REVISION_TYPES.includes(change.type);
}

/** Specs or names that a person gave, for lists and events; none where everything or a document is meant. */
export function packagesOf(change: Change<unknown>): string[] {
  switch (change.type) {
    case 'create':
    case 'install':
      return [...change.packages, ...change.pypi_packages];
    case 'remove':
      return change.packages;
    case 'update':
      return change.packages ?? [];
    case 'plan':
      return packagesOf(change.change);
    default:
      return [];
  }
}

/** The same change with every document replaced, for example its text by a reference. */
export function mapDocuments<A, B>(change: Change<A>, map: (document: A) => B): Change<B> {
  switch (change.type) {
    case 'create':
      return {
        ...change,
        manifest: change.manifest === null ? null : map(change.manifest),
        lockfile: change.lockfile === null ? null : map(change.lockfile),
      };
    case 'apply':
    case 'import':
      return {
        ...change,
        manifest: map(change.manifest),
        lockfile: change.lockfile === null ? null : map(change.lockfile),
      };
    case 'plan':
      return { type: 'plan', change: mapDocuments(change.change, map) as EnvironmentChange<B> };
    default:
      return change;
  }
}
