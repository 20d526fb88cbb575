/**
 * The import rules of a checkout, by both tools that know them: `turbo boundaries` (tags, undeclared packages, paths
 * that leave a package) and dependency-cruiser (doors, layers, drivers, cycles; see .dependency-cruiser.mjs).
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const modules = join(import.meta.dirname, '../../node_modules');
const cruiser = join(modules, 'dependency-cruiser/bin/dependency-cruiser.mjs');
const turbo = join(modules, 'turbo/bin/turbo');

/** Source folders below `root` that the rules speak about. */
function sourceFolders(root) {
  const packages = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return [...packages.flatMap((name) => [`${name}/src`, `${name}/test`]), 'e2e', 'bench', 'chaos/src'].filter(
    (folder) => existsSync(join(root, folder)),
  );
}

function run(file, args, cwd) {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd, maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? (error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

/** @returns {Promise<{rule: string, from: string, to: string}[]>} what dependency-cruiser found. */
export async function cruise(root) {
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...sourceFolders(root)];
  const { stdout, stderr } = await run(cruiser, args, root);
  try {
    return JSON.parse(stdout).summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  } catch (error) {
    throw new Error(`dependency-cruiser did not answer:\n${stderr || stdout.slice(0, 2000)}`, {
      cause: error,
    });
  }
}

/** @returns {Promise<{exitCode: number, output: string}>} what `turbo boundaries` said. */
export async function boundaries(root) {
  const args = ['boundaries', '--skip-infer', '--no-color'];
  const { exitCode, stdout, stderr } = await run(turbo, args, root);
  return { exitCode, output: `${stdout}${stderr}`.trim() };
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..');
  const [violations, tags] = await Promise.all([cruise(root), boundaries(root)]);
  for (const { rule, from, to } of violations) console.error(`${rule}: ${from} imports ${to}`);
  if (tags.exitCode !== 0) console.error(tags.output);
  if (violations.length > 0 || tags.exitCode !== 0) process.exit(1);
  console.log('Nobody imports what they may not.');
}
