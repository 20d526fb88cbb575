/** One call of pixi: its arguments, its whole environment, what it may read. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { JobPhase } from '@darb/models';
import type { PackageManagerSettings, RunContext, ToolCommand } from '../port.js';
import { allowedEnvironment, certificatePaths, proxySecrets } from '../surroundings.js';
import { availableTool } from '../tool-process.js';

export const PIXI_MANIFEST = 'pixi.toml';
export const PIXI_LOCKFILE = 'pixi.lock';

export interface PixiCall {
  /** `add`, `lock`, …, with its own flags. */
  args: string[];
  operands?: string[];
  /** Folder with the manifest; also the working folder. */
  folder: string;
  phase: JobPhase;
}

function pixiEnvironment(settings: PackageManagerSettings, context: RunContext): Record<string, string> {
  return {
    ...allowedEnvironment(settings.environment),
    // Empty: pixi reads configuration and credentials from it.
    HOME: path.join(context.scratch, 'home'),
    TMPDIR: path.join(context.scratch, 'tmp'),
    // Both are needed: with PIXI_NO_CONFIG alone a user's cache root still counts.
    PIXI_CACHE_DIR: path.join(context.pool.path, 'cache/pixi'),
    PIXI_NO_CONFIG: '1',
    // Messages are wrapped at 80 columns otherwise, also into a pipe.
    PIXI_NO_WRAP: '1',
    PIXI_COLOR: 'never',
  };
}

/** Makes the folders that the call's environment names. */
export async function pixiCommand(
  settings: PackageManagerSettings,
  context: RunContext,
  call: PixiCall,
): Promise<ToolCommand> {
  const env = pixiEnvironment(settings, context);
  const tool = availableTool(context);
  await Promise.all(
    [env['HOME']!, env['TMPDIR']!, env['PIXI_CACHE_DIR']!].map((one) => mkdir(one, { recursive: true })),
  );
  const operands = call.operands === undefined || call.operands.length === 0 ? [] : ['--', ...call.operands];
  return {
    file: tool,
    // Without the path, parent folders are searched for a manifest, and one found there wins.
    args: [...call.args, '--manifest-path', path.join(call.folder, PIXI_MANIFEST), ...operands],
    cwd: call.folder,
    env,
    phase: call.phase,
    readable: [tool, ...certificatePaths(settings.environment)],
    secrets: proxySecrets(settings.environment),
  };
}
