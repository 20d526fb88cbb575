/**
 * A stand-in for pixi that knows nothing but recorded runs of the real one: it answers a call whose arguments and
 * files are those of a recording, and fails on every other call. Started by the file that `scriptedPixi()` writes.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const FIXTURES = path.join(import.meta.dirname, 'fixtures');
export const UNEXPECTED_EXIT_CODE = 99;

/** What the real one was recorded with; nothing else of pixi's may be set, some of it acts like a flag. */
const REQUIRED = { PIXI_NO_CONFIG: '1', PIXI_NO_WRAP: '1', PIXI_COLOR: 'never' };
const ALLOWED = /^(PATH|HOME|TMPDIR|LANG|PIXI_CACHE_DIR|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy)$/i;

class Unexpected extends Error {}

function loadSteps(names) {
  const files = fs
    .readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.json'))
    .sort();
  return files.flatMap((file) => {
    const name = file.slice(0, -'.json'.length);
    if (!names.includes(name)) return [];
    const recording = JSON.parse(fs.readFileSync(path.join(FIXTURES, file), 'utf8'));
    const textOf = (value) =>
      value?.startsWith('text:') ? recording.texts[value.slice(5)] : (value ?? null);
    return recording.steps.map((step, index) => ({
      id: `${name}#${index}`,
      argv: step.argv.slice(1),
      exitCode: step.exit_code,
      stdout: textOf(step.stdout) ?? '',
      stderr: textOf(step.stderr) ?? '',
      manifestBefore: textOf(step.files_before?.['pixi.toml']),
      manifestAfter: textOf(step.files_after?.['pixi.toml']),
      lockBefore: textOf(step.files_before?.['pixi.lock']),
      lockAfter: textOf(step.files_after?.['pixi.lock']),
    }));
  });
}

/** `--manifest-path` and `--json` change where is read and what is printed, `--` only guards operands. */
function comparable(argv) {
  const rest = argv.filter((item) => item !== '--json' && item !== '--');
  const index = rest.indexOf('--manifest-path');
  return index === -1 ? rest : [...rest.slice(0, index), ...rest.slice(index + 2)];
}

const SECTIONS = ['dependencies', 'pypi-dependencies'];

/** The lines below one header, up to the next. */
function section(manifest, name) {
  const lines = (manifest ?? '').split('\n');
  const start = lines.findIndex((line) => line.trim() === `[${name}]`);
  if (start === -1) return null;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('['));
  const end = length === -1 ? lines.length : start + 1 + length;
  return { lines, start, end, body: lines.slice(start + 1, end).filter((line) => line.trim() !== '') };
}

function dependencies(manifest) {
  return JSON.stringify(SECTIONS.map((name) => section(manifest, name)?.body ?? []));
}

/** The manifest with the dependencies of another one. */
function withDependencies(manifest, other) {
  let result = manifest;
  for (const name of SECTIONS) {
    const wanted = section(other, name)?.body ?? [];
    const found = section(result, name);
    if (found !== null) found.lines.splice(found.start + 1, found.end - found.start - 1, ...wanted, '');
    result = found?.lines.join('\n') ?? result;
    if (found === null && wanted.length > 0)
      result = `${result.trimEnd()}\n\n[${name}]\n${wanted.join('\n')}\n`;
  }
  return result;
}

function checkEnvironment(env, folder) {
  for (const [name, value] of Object.entries(REQUIRED)) {
    if (env[name] !== value) throw new Unexpected(`${name} is not ${value}`);
  }
  const foreign = Object.keys(env).filter((name) => !(name in REQUIRED) && !ALLOWED.test(name));
  if (foreign.length > 0) throw new Unexpected(`the environment holds ${foreign.join(', ')}`);
  if (!path.isAbsolute(env.PIXI_CACHE_DIR ?? '')) throw new Unexpected('PIXI_CACHE_DIR is not absolute');
  if (fs.readdirSync(env.HOME).length > 0) throw new Unexpected('HOME is not empty');
  if (fs.existsSync(path.join(folder, '.pixi/config.toml')))
    throw new Unexpected('there is a .pixi/config.toml');
}

function readOrNull(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}

/** `--frozen` installs what the lock says, whatever the manifest says: recorded, and so matched. */
function findStep(steps, argv, manifest, lock) {
  const wanted = JSON.stringify(comparable(argv));
  const isInstall = argv[0] === 'install';
  return steps.find((step) => {
    if (JSON.stringify(comparable(step.argv)) !== wanted || step.lockBefore !== lock) return false;
    return isInstall || dependencies(step.manifestBefore) === dependencies(manifest);
  });
}

function lockedPackages(lock) {
  const records = lock.slice(lock.indexOf('\npackages:\n')).split('\n- ').slice(1);
  return records.map((record) => {
    const field = (name) => new RegExp(`^\\s*${name}: '?([^'\\n]*)`, 'm').exec(record)?.[1];
    const [, kind, location] = /^(conda|pypi): (.*)$/m.exec(record);
    const archive = /([^/]+)-([^-/]+)-([^-/]+)\.(?:conda|tar\.bz2)$/.exec(location);
    return {
      kind,
      name: field('name') ?? archive[1],
      version: field('version') ?? archive[2],
      build: archive?.[3],
      sha256: field('sha256'),
      channel: field('channel'),
      license: field('license'),
    };
  });
}

function addFile(prefix, name, text, mode = 0o644) {
  const file = path.join(prefix, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  const sha256 = createHash('sha256').update(text).digest();
  return { name, sha256, size: Buffer.byteLength(text) };
}

function installConda(prefix, one) {
  const files = [addFile(prefix, `share/${one.name}/data.txt`, `${one.name} ${one.version}\n`)];
  if (one.name === 'python')
    files.push(addFile(prefix, 'bin/python', `#!/bin/sh\necho ${one.version}\n`, 0o755));
  const { name, version, build, sha256, channel, license } = one;
  const paths = files.map((file) => ({
    _path: file.name,
    path_type: 'hardlink',
    sha256: file.sha256.toString('hex'),
    size_in_bytes: file.size,
  }));
  const record = { name, version, build, sha256, channel, license, paths_data: { paths_version: 1, paths } };
  addFile(prefix, `conda-meta/${name}-${version}-${build}.json`, JSON.stringify(record, null, 2));
}

function installPypi(prefix, one) {
  const site = 'lib/python3.12/site-packages';
  const stem = one.name.replaceAll('-', '_');
  const info = `${stem}-${one.version}.dist-info`;
  const metadata = `Metadata-Version: 2.1\nName: ${one.name}\nVersion: ${one.version}\n\n`;
  const files = [
    addFile(prefix, `${site}/${info}/METADATA`, metadata),
    addFile(prefix, `${site}/${stem}.py`, ''),
  ];
  const lines = files.map((file) => {
    const relative = file.name.slice(site.length + 1);
    return `${relative},sha256=${file.sha256.toString('base64url')},${file.size}`;
  });
  addFile(prefix, `${site}/${info}/RECORD`, `${lines.join('\n')}\n${info}/RECORD,,\n`);
}

/** The recordings hold no trees: one with a file for each package is made up from the lock. */
function install(folder, lock, mode) {
  if (mode === 'nothing') return;
  const prefix = path.join(folder, '.pixi/envs/default');
  const packages = lockedPackages(lock);
  if (mode === 'partial') packages.pop();
  for (const one of packages) (one.kind === 'conda' ? installConda : installPypi)(prefix, one);
  addFile(prefix, 'conda-meta/history', '');
}

function apply(step, folder, manifest) {
  const manifestFile = path.join(folder, 'pixi.toml');
  const lockFile = path.join(folder, 'pixi.lock');
  if (step.manifestAfter !== step.manifestBefore) {
    fs.writeFileSync(manifestFile, withDependencies(manifest, step.manifestAfter));
  }
  if (step.lockAfter === null) fs.rmSync(lockFile, { force: true });
  else fs.writeFileSync(lockFile, step.lockAfter);
}

function answer(argv, env, config) {
  if (argv[0] === '--version') return { id: 'version', exitCode: 0, stdout: 'pixi 0.77.0\n', stderr: '' };
  const given = argv[argv.indexOf('--manifest-path') + 1];
  if (!argv.includes('--manifest-path') || !path.isAbsolute(given))
    throw new Unexpected('no absolute --manifest-path');
  const folder = path.dirname(given);
  checkEnvironment(env, folder);
  const manifest = readOrNull(given);
  const lock = readOrNull(path.join(folder, 'pixi.lock'));
  if (manifest === null) throw new Unexpected(`there is no ${given}`);
  const step = findStep(loadSteps(config.recordings), argv, manifest, lock);
  if (step === undefined) throw new Unexpected(`no recording of \`pixi ${argv.join(' ')}\` with these files`);
  if (argv[0] !== 'install') apply(step, folder, manifest);
  else if (step.exitCode === 0) install(folder, lock, config.install);
  return step;
}

/** `config`: recordings (names), install (complete | nothing | partial), journal (file). */
export function main(argv, env, config) {
  let step;
  try {
    step = answer(argv, env, config);
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    step = {
      id: null,
      exitCode: UNEXPECTED_EXIT_CODE,
      stdout: '',
      stderr: `scripted pixi: ${error.message}\n`,
    };
  }
  fs.appendFileSync(config.journal, `${JSON.stringify({ argv, env, recording: step.id })}\n`);
  fs.writeSync(1, step.stdout);
  fs.writeSync(2, step.stderr);
  process.exit(step.exitCode);
}
