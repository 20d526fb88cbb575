import { spawnSync } from 'node:child_process';
import { findProgram, isExecutable } from './find-program.js';
import { Sentence } from './sentence.js';
import type { Environment } from './variables.js';

const HOW_TO_GET = {
  uv: 'put uv on PATH or set DARB_PACKAGE_MANAGER_UV_PATH (https://docs.astral.sh/uv)',
  pixi: 'put pixi on PATH or set DARB_PACKAGE_MANAGER_PIXI_PATH (https://pixi.sh)',
};

/** What is there to make environments with: one line each. Darb without any of the two is of no use. */
export function describePackageManagers(env: Environment): string[] {
  const pixi = find('pixi', env['DARB_PACKAGE_MANAGER_PIXI_PATH']);
  const uv = find('uv', env['DARB_PACKAGE_MANAGER_UV_PATH']);
  if (!pixi && !uv) {
    throw new Sentence(
      `Neither uv nor pixi was found, so no environment could be made. Install one: ${HOW_TO_GET.uv}, or ${HOW_TO_GET.pixi}; then start again.`,
    );
  }
  return [describe('uv', uv), describe('pixi', pixi)];
}

function describe(name: keyof typeof HOW_TO_GET, file: string | undefined): string {
  if (!file)
    return `${name} was not found, so ${name} environments can not be made. To have them, ${HOW_TO_GET[name]} and start again.`;
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const version = /\d+\.\d+\.\d+\S*/.exec(stdout ?? '')?.[0];
  return version ? `${name} ${version}` : `${name} (${file}) does not say its version`;
}

function find(name: string, configured: string | undefined): string | undefined {
  if (!configured) return findProgram(name);
  if (isExecutable(configured)) return configured;
  throw new Sentence(
    `DARB_PACKAGE_MANAGER_${name.toUpperCase()}_PATH names ${configured}, which is not a program that can be run.`,
  );
}
