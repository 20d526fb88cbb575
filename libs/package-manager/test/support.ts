/** What the specs of this library share: a plain runner, a store in a temporary folder, a context for one job. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { EnvironmentChange, ManagerReport } from '@darb/models';
import {
  removeTree,
  type RunContext,
  type SolveRequest,
  type ToolCommand,
  type ToolResult,
} from '../src/index.js';

/** Spawns without a sandbox, as a worker without bubblewrap does. */
export async function spawnTool(command: ToolCommand): Promise<ToolResult> {
  const started = performance.now();
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      const durationMs = performance.now() - started;
      resolve({ exitCode, signal, ...output, cancelled: false, timedOut: false, durationMs });
    });
  });
}

export interface Store {
  root: string;
  pool: { name: string; path: string };
  remove: () => Promise<void>;
}

export function makeStore(): Store {
  const root = mkdtempSync(path.join(os.tmpdir(), 'darb-pm-'));
  const pool = { name: 'shared', path: path.join(root, 'pools/shared') };
  mkdirSync(path.join(pool.path, 'store'), { recursive: true });
  return { root, pool, remove: () => removeTree(root) };
}

export interface Job extends RunContext {
  commands: ToolCommand[];
  lines: string[];
}

let jobs = 0;

/** A context of its own for each job; every command is kept. */
export function makeJob(store: Store, report: ManagerReport, changes: Partial<RunContext> = {}): Job {
  jobs += 1;
  const scratch = path.join(store.pool.path, 'scratch', `job-${jobs}`);
  mkdirSync(scratch, { recursive: true });
  const commands: ToolCommand[] = [];
  const lines: string[] = [];
  const run = changes.run ?? spawnTool;
  return {
    log: (text) => lines.push(text),
    report,
    pool: store.pool,
    scratch,
    sandboxed: false,
    credentials: [],
    commands,
    lines,
    ...changes,
    run: (command) => {
      commands.push(command);
      return run(command);
    },
  };
}

export function newTree(store: Store): string {
  jobs += 1;
  return path.join(store.pool.path, 'store', `tree-${jobs}`);
}

/** From nothing, without a manifest. */
export function creating(packages: string[], pypiPackages: string[] = []): EnvironmentChange {
  return {
    type: 'create',
    python: null,
    packages,
    pypi_packages: pypiPackages,
    manifest: null,
    lockfile: null,
  };
}

export function installing(packages: string[], pypiPackages: string[] = []): EnvironmentChange {
  return { type: 'install', packages, pypi_packages: pypiPackages };
}

/** A request for an environment that does not exist yet. */
export function request(changes: Partial<SolveRequest> = {}): SolveRequest {
  return {
    change: creating([]),
    environmentName: 'my-env',
    python: null,
    channels: [],
    platforms: [],
    base: null,
    baseTree: null,
    ...changes,
  };
}
