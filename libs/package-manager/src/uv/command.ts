/** One call of uv: its arguments, its whole environment, what it may read. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { InterpreterReport, JobPhase } from '@darb/models';
import type { PackageManagerSettings, RunContext, ToolCommand } from '../port.js';
import { allowedEnvironment, certificatePaths, proxySecrets } from '../surroundings.js';
import { availableTool } from '../tool-process.js';

/** Below the pool, in one mount with store and scratch: otherwise every hardlink becomes a copy. */
export function uvCacheOf(poolPath: string): string {
  return path.join(poolPath, 'cache/uv');
}

/** Indexes with their credentials, as uv's variables; a name becomes part of a variable's name. */
function indexVariables(settings: PackageManagerSettings, context: RunContext): Record<string, string> {
  const variables: Record<string, string> = {};
  if (settings.indexUrl !== null) variables['UV_DEFAULT_INDEX'] = settings.indexUrl;
  const named = context.credentials.map((one, index) => ({
    ...one,
    key: `${index}-${one.name}`.replaceAll(/[^A-Za-z0-9]+/g, '-'),
  }));
  if (named.length > 0) variables['UV_INDEX'] = named.map((one) => `darb-${one.key}=${one.url}`).join(' ');
  for (const one of named) {
    const prefix = `UV_INDEX_DARB_${one.key.toUpperCase().replaceAll('-', '_')}`;
    variables[`${prefix}_USERNAME`] = one.username;
    variables[`${prefix}_PASSWORD`] = one.password;
  }
  return variables;
}

function uvEnvironment(settings: PackageManagerSettings, context: RunContext): Record<string, string> {
  return {
    ...allowedEnvironment(settings.environment),
    HOME: path.join(context.scratch, 'home'),
    TMPDIR: path.join(context.scratch, 'tmp'),
    UV_CACHE_DIR: uvCacheOf(context.pool.path),
    UV_PROJECT_ENVIRONMENT: '.venv',
    // Package code does not run on a worker, and no interpreter is fetched behind anybody's back.
    UV_NO_BUILD: '1',
    UV_PYTHON_DOWNLOADS: 'never',
    // Only what is written here counts, not files of the machine or of the project.
    UV_NO_CONFIG: '1',
    UV_NO_ENV_FILE: '1',
    ...indexVariables(settings, context),
  };
}

/** The installation that an interpreter belongs to: its libraries are read when it starts. */
export function interpreterPrefix(python: InterpreterReport): string {
  return path.dirname(path.dirname(python.path));
}

export interface UvCall {
  args: string[];
  cwd: string;
  phase: JobPhase;
  python: InterpreterReport;
}

/** Makes the folders that the call's environment names. */
export async function uvCommand(
  settings: PackageManagerSettings,
  context: RunContext,
  call: UvCall,
): Promise<ToolCommand> {
  const env = uvEnvironment(settings, context);
  const tool = availableTool(context);
  await Promise.all(
    [env['HOME']!, env['TMPDIR']!, env['UV_CACHE_DIR']!].map((one) => mkdir(one, { recursive: true })),
  );
  return {
    file: tool,
    // Colours are kept for the person who reads the log; no progress bars, their lines would be noise.
    args: ['--color', 'always', '--no-progress', ...call.args],
    cwd: call.cwd,
    env,
    phase: call.phase,
    readable: [tool, interpreterPrefix(call.python), ...certificatePaths(settings.environment)],
    secrets: [
      ...context.credentials.map((one) => one.password),
      ...proxySecrets(settings.environment),
    ].filter(Boolean),
  };
}
