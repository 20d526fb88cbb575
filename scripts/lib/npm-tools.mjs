import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { say, Sentence } from './console.mjs';
import { binFolder, toolchainFolder } from './environment.mjs';
import { isWithin, pins, platform } from './pins.mjs';
import { ask, findOnPath, runStep } from './processes.mjs';
import { whyItFailed } from './why.mjs';

/** Path of a Node that can run Darb: the running one, or the pinned one from npm. */
export async function ensureNode() {
  if (isWithin(process.versions.node, pins.node)) return link('node', process.execPath);
  return link(
    'node',
    await ensurePackage('node', 'Node', `install Node ${pins.node.atLeast.split('.')[0]} or newer`),
  );
}

/** Path of the pinned pnpm; one on PATH counts when it is exactly that version. */
export async function ensurePnpm() {
  const present = findOnPath('pnpm').find((file) => ask(file, ['--version']) === pins.pnpm.version);
  if (present && !pins.pnpm.packages[platform()]) return link('pnpm', present);
  return link('pnpm', await ensurePackage('pnpm', 'pnpm', `put pnpm ${pins.pnpm.version} on PATH`));
}

async function ensurePackage(tool, title, otherwise) {
  const { version, packages } = pins[tool];
  const pin = packages[platform()];
  if (!pin) {
    throw new Sentence(
      `There is no ${title} ${version} to fetch for ${platform()}: ${otherwise}, then try again.`,
    );
  }
  const folder = path.join(toolchainFolder, `${tool}-${version}`);
  const binary = path.join(folder, 'node_modules', pin.name, pin.binary);
  if (existsSync(binary)) return binary;
  say(`Fetching ${title} ${version} …`);
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  writeProject(fresh, version, pin);
  // --ignore-scripts: the binaries are in the packages; `ci` holds npm to the hash in the lockfile.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  args.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000');
  const [file, ...first] = npmCommand();
  const result = await runStep(`fetch-${tool}`, file, [...first, ...args], { cwd: fresh });
  if (result.code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Sentence(`Could not fetch ${title} ${version}: ${whyItFailed(result)}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return binary;
}

function writeProject(folder, version, { name, integrity }) {
  const dependencies = { [name]: version };
  const lock = {
    name: 'toolchain',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'toolchain', dependencies }, [`node_modules/${name}`]: { version, integrity } },
  };
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'toolchain', private: true, dependencies }),
  );
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
}

function npmCommand() {
  const running = process.env.npm_execpath;
  // Under pnpm or yarn npm_execpath names those.
  if (running && /npm-cli\.[cm]?js$/.test(running) && existsSync(running)) return [process.execPath, running];
  const [npm] = findOnPath('npm');
  if (!npm)
    throw new Sentence('npm was not found on PATH. It comes with Node: install Node, then try again.');
  return [npm];
}

/**
 * Shows a fetched tool in .toolchain/bin, for the shells of people, and answers with the tool itself. A running Darb
 * only knows that path: another start in the same checkout may choose other tools, and links move.
 */
export function link(name, target) {
  const place = path.join(binFolder, name);
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(place) === target)
    return target;
  mkdirSync(binFolder, { recursive: true });
  const fresh = `${place}.${process.pid}`;
  symlinkSync(target, fresh);
  renameSync(fresh, place);
  return target;
}
