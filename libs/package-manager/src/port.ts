/**
 * The port between Darb and a package manager: what the worker may ask of pixi or uv, in Darb's words.
 * Written before the adapters; one conformance suite holds both to it.
 */
import type {
  EnvironmentChange,
  InterpreterReport,
  JobError,
  JobPhase,
  JobProgress,
  ManagerReport,
  PackageManagerType,
  PackageRecord,
} from '@darb/models';

/** One process to be spawned. The adapter says what runs; the worker decides sandbox, limits and log. */
export interface ToolCommand {
  /** Absolute path of the program. */
  file: string;
  args: string[];
  /** Always under the pool's folder. */
  cwd: string;
  /** The whole environment of the process: nothing of the worker's own is added. */
  env: Record<string, string>;
  phase: JobPhase;
  /** Folders and files outside of the pool that the process must be able to read: interpreter prefix, tool, certificates. */
  readable: string[];
  /** Values that must not reach the log. */
  secrets?: string[];
}

/** How a process ended. Not finding the program at all is a rejected promise, everything else is a result. */
export interface ToolResult {
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  /** ANSI kept, the last 64 KB. */
  stderr: string;
  cancelled: boolean;
  timedOut: boolean;
  durationMs: number;
}

/** Implemented by the worker (and by tests): spawns, streams each line to the log, resolves when the tree is gone. */
export type ToolRunner = (command: ToolCommand) => Promise<ToolResult>;

/** What is fixed for the life of a worker. Built once at start, from its configuration. */
export interface PackageManagerSettings {
  /** Path of the tool; null looks for it on `environment.PATH`'s folders. */
  toolPath: string | null;
  /** uv: more places to look for interpreters (files, `bin` folders or prefixes). */
  pythonPaths: string[];
  /** uv: the index used where nothing else is said; null leaves uv's own default. */
  indexUrl: string | null;
  /** The worker's own environment; only what `allowedEnvironment()` lets through reaches a tool. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** Credentials of one private index, valid for one job only. */
export interface IndexCredential {
  name: string;
  url: string;
  username: string;
  password: string;
}

/** Where and how one job runs. Made by the worker for each job, handed to every verb that spawns or writes. */
export interface RunContext {
  run: ToolRunner;
  /** Writes one line of stream `darb` to the job's log. */
  log: (text: string) => void;
  /** What `detect()` returned last; interpreters are chosen from it. */
  report: ManagerReport;
  /** `path` is the absolute `pools/<name>` folder: caches, store and scratch lie under it, in one mount. */
  pool: { name: string; path: string };
  /** Absolute, exists, empty at the job's start, under the pool, removed by the worker afterwards. */
  scratch: string;
  /** Whether `run` isolates the process; without it nothing that executes package code is allowed. */
  sandboxed: boolean;
  credentials: IndexCredential[];
  /**
   * `verify` hashes also files that were hashed in an earlier tree: for jobs that look at a store, where nobody but the
   * disk may have changed a file. Left out: it does not.
   */
  checkEveryFile?: boolean;
}

export interface SolveRequest {
  /**
   * In the words of the request's body. `rollback` and `clone` give the base again exactly as it is: nothing is
   * solved. A plan is solved as the change that it asks about.
   */
  change: EnvironmentChange;
  environmentName: string;
  /**
   * What the environment was created with, for example `3.12` or `>=3.11,<3.13`; null takes the newest that the worker
   * has. A `create` brings its own.
   */
  python: string | null;
  /** pixi only. Empty: conda-forge. */
  channels: string[];
  /** pixi only. Empty: this worker's. */
  platforms: string[];
  /**
   * Revision that the change starts from, or that is restored, under the person's project name; null when there is
   * none.
   */
  base: { manifest: string; lockfile: string } | null;
  /** Absolute path of the base revision's tree, read (never run) to keep its interpreter; null or gone is fine. */
  baseTree: string | null;
}

/** One package that a lockfile puts on this platform. */
export interface LockedPackage {
  name: string;
  version: string;
  kind: 'conda' | 'pypi';
  build: string | null;
}

/** All that determines a tree, and nothing else. `digestOf` turns it into the artifact's name. */
export interface DigestInputs {
  schema: number;
  pool: string;
  manager: PackageManagerType;
  /** `major.minor` of the tool. */
  tool: string;
  platform: string;
  libc: string;
  python: InterpreterReport | null;
  /** With the project's own name (and what else a tree does not depend on) taken out. */
  lockfile: string;
  groups: string[];
  extras: string[];
  environment: string | null;
  options: Record<string, string | boolean>;
}

/** What solving gives: texts for the revision, inputs and digest for the artifact. */
export interface Solution {
  /** Under the person's project name, specs as typed. For the revision. */
  manifest: string;
  lockfile: string;
  digestInputs: DigestInputs;
  /** sha256 of the inputs, 64 hex digits. For `/artifact`. */
  digest: string;
  /** Full tool version, for `/finish`. */
  toolVersion: string;
  /** What the tree will hold on this platform; also the `after` of a plan. */
  packages: LockedPackage[];
}

export type ProgressListener = (progress: JobProgress) => void;

/** What a tree holds, read from its files. */
export interface Inventory {
  packages: PackageRecord[];
  /** Apparent size of all files and their number, hardlinks counted once each. */
  sizeBytes: number;
  fileCount: number;
  /** Full version; null for an environment without Python. */
  pythonVersion: string | null;
}

export interface VerifyOutcome {
  /** Files that a record names; all of them are there and hold what was unpacked. */
  filesChecked: number;
  /** Sentences to be kept with the revision: packages whose record contradicts their own archive. */
  warnings: string[];
}

/** Why a tree cannot be used as it is. The codes are also those of errors that a verb throws. */
export interface TreeFault {
  /** `interpreter_missing`: the tree may be whole, but the Python that it was built with has gone from this machine. */
  code: 'tree_missing' | 'tree_damaged' | 'interpreter_missing';
  /** One sentence. */
  message: string;
}

/**
 * One package manager. Every verb may be repeated and may be killed between any two lines: nothing outside of
 * `context.scratch` and the given tree changes, apart from the tool's own caches.
 * Verbs that fail throw; whatever was thrown goes to `classify`.
 */
export interface PackageManagerAdapter {
  readonly type: PackageManagerType;

  /** Called by the worker at start and whenever tools may have changed. Never throws: absence is a report with a `reason`. */
  detect(): Promise<ManagerReport>;

  /** Called by the worker every few seconds: while the text stays the same, `detect()` would find the same. Cheap. */
  fingerprint(): Promise<string>;

  /** Called by the worker for every job that makes a revision or a plan. Writes only in `context.scratch`. */
  solve(request: SolveRequest, context: RunContext): Promise<Solution>;

  /**
   * Called by the worker when `/artifact` answered `build`: writes manifest and lockfile into the new tree, both
   * from the digest's inputs alone. `tree` is absolute, its final place, and must not exist yet (or be empty).
   */
  writeTree(tree: string, inputs: DigestInputs): Promise<void>;

  /** Called by the worker after `writeTree`: installs exactly the tree's lockfile. The tree stays writable. */
  install(
    tree: string,
    inputs: DigestInputs,
    context: RunContext,
    onProgress?: ProgressListener,
  ): Promise<void>;

  /**
   * Called by the worker after `install` and by `verify` jobs: the installed set equals the lockfile, every recorded
   * file is there and holds what was unpacked. Throws code `verification_failed` otherwise.
   */
  verify(
    tree: string,
    inputs: DigestInputs,
    context: RunContext,
    onProgress?: ProgressListener,
  ): Promise<VerifyOutcome>;

  /**
   * Called by the worker before a tree that is there already is used again: is it whole? Looks at its texts, prefix,
   * interpreter and the names of its records, in milliseconds; the content of files is not read. Null: it is whole.
   */
  look(tree: string, inputs: DigestInputs): Promise<TreeFault | null>;

  /**
   * Called by the worker before `/finish`, for new and reused trees alike: reads the tree, runs nothing.
   * `manifest` is the revision's own; it tells which packages were requested. Throws `tree_damaged` for a tree whose
   * prefix or records are gone.
   */
  inventory(tree: string, manifest: string): Promise<Inventory>;

  /** Called by the worker with whatever a verb threw; the answer goes to `/finish` as `error`. Never throws. */
  classify(failure: unknown): JobError;
}
