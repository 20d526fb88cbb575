import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { say, Sentence } from './console.mjs';
import { root, toolchainFolder } from './environment.mjs';
import { runStep } from './processes.mjs';
import { whyItFailed } from './why.mjs';

const GROUPS = ['apps', 'libs'];
const NOT_SOURCE = new Set(['node_modules', 'dist', '.next', '.turbo', 'coverage', 'test', 'next-env.d.ts']);
const ROOT_INPUTS = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'turbo.json',
];

/** Installs what the lockfile names, unless exactly that was installed last time. */
export async function installDependencies(pnpm, beforeWork) {
  const stampFile = path.join(root, 'node_modules', '.darb-install');
  const stamp = installInputs();
  if (readIfThere(stampFile) === stamp && existsSync(turboBinary())) return;
  await beforeWork();
  say('Installing the packages that Darb is made of …');
  // CI: never ask, for example before an outdated node_modules is replaced.
  const result = await runStep('install', pnpm, ['install', '--frozen-lockfile'], {
    cwd: root,
    env: { CI: 'true' },
  });
  if (result.code !== 0) throw new Sentence(`Could not install Darb's packages: ${whyItFailed(result)}`);
  writeFileSync(stampFile, stamp);
}

/** Builds every app, unless no source changed since the last build. */
export async function build(beforeWork) {
  const stampFile = path.join(toolchainFolder, 'stamps', 'build');
  const stamp = buildInputs();
  if (readIfThere(stampFile) === stamp && outputs().every((file) => existsSync(file))) return;
  await beforeWork();
  say('Building Darb; the first time takes a minute or two …');
  const args = [
    'run',
    'build',
    '--output-logs=errors-only',
    `--concurrency=${Math.max(2, availableParallelism())}`,
  ];
  const result = await runStep('build', turboBinary(), args, { cwd: root });
  if (result.code !== 0) throw new Sentence(`Could not build Darb: ${whyItFailed(result)}`);
  const missing = outputs().find((file) => !existsSync(file));
  if (missing) throw new Sentence(`The build ended well, but ${path.relative(root, missing)} is not there.`);
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

function turboBinary() {
  return path.join(root, 'node_modules', '.bin', 'turbo');
}

function workspacePackages() {
  const found = GROUPS.flatMap((group) =>
    readdirSync(path.join(root, group)).map((name) => path.join(group, name)),
  );
  return [...found, 'bench', 'e2e']
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .sort();
}

function installInputs() {
  const hash = createHash('sha256');
  const files = workspacePackages().map((folder) => path.join(folder, 'package.json'));
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...files]) {
    hash.update(file).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

// Names, sizes and times: a few hundred files in milliseconds. When they differ turbo looks at contents. Not the
// running Node: what is built does not depend on it, and must not be written again under a Darb that runs.
function buildInputs() {
  const hash = createHash('sha256');
  const note = (file) => {
    const { size, mtimeMs } = statSync(path.join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  ROOT_INPUTS.forEach(note);
  for (const group of GROUPS) walk(group, note);
  return hash.digest('hex');
}

function walk(folder, note) {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NOT_SOURCE.has(entry.name) || entry.name.endsWith('.spec.ts')) continue;
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) walk(name, note);
    else if (entry.isFile()) note(name);
  }
}

function outputs() {
  const apps = readdirSync(path.join(root, 'apps')).filter((name) =>
    existsSync(path.join(root, 'apps', name, 'package.json')),
  );
  return apps.map((name) =>
    name === 'dashboard'
      ? path.join(root, 'apps', name, '.next', 'standalone', 'apps', name, 'server.js')
      : path.join(root, 'apps', name, 'dist', 'main.js'),
  );
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
