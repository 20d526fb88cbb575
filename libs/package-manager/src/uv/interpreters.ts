/** Which Pythons this machine has, and which of them an environment gets. */
import { access, constants, readdir, realpath, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { InterpreterReport } from '@darb/models';
import { execa } from 'execa';
import { PackageManagerError } from '../errors.js';
import type { TreeFault } from '../port.js';
import { checkPythonRequest, newestFirst } from '../specs/names.js';
import { matchesSpecifiers, parseSpecifiers, parseVersion } from '../specs/pep440.js';
import { MAX_CONFIGURATION_BYTES } from './tree-files.js';
import { readWholeText } from '../trees/read-bounded.js';

const EXECUTABLE = /^(python|pypy)3(\.\d+)?t?$/;
/** Older ones are unknown to today's uv and wheels. */
const OLDEST = parseSpecifiers('>=3.8')!;

/** Isolated, without site and without bytecode: nothing of an environment runs, nothing is written. */
const QUESTION = `import sys, json
i = sys.implementation
v = "%d.%d.%d" % sys.version_info[:3]
if sys.version_info[3] != "final": v += {"alpha": "a", "beta": "b", "candidate": "rc"}[sys.version_info[3]] + str(sys.version_info[4])
tag = (i.cache_tag or "").replace("cpython-", "cp").replace("pypy", "pp").replace("-", "") or None
flags = getattr(sys, "abiflags", "")
print(json.dumps({"implementation": i.name, "version": v, "abi": tag and tag + flags}))`;

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** A place may be an executable, a `bin` folder, a prefix, or a folder of prefixes. */
async function executablesIn(place: string): Promise<string[]> {
  const isFile = await stat(place).then(
    (one) => one.isFile(),
    () => false,
  );
  if (isFile) return [place];
  const found: string[] = [];
  for (const folder of [place, path.join(place, 'bin')]) {
    const names = await entriesOf(folder);
    found.push(...names.filter((name) => EXECUTABLE.test(name)).map((name) => path.join(folder, name)));
  }
  return found;
}

/** Folders whose children are installations, one for each version. */
async function childPrefixes(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).map((name) => path.join(folder, name));
}

async function usualPlaces(environment: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const home = environment['HOME'] ?? os.homedir();
  const data = environment['XDG_DATA_HOME'] ?? path.join(home, '.local/share');
  const managed = environment['UV_PYTHON_INSTALL_DIR'] ?? path.join(data, 'uv/python');
  const pyenv = environment['PYENV_ROOT'] ?? path.join(home, '.pyenv');
  // pyenv's shims print warnings and start whatever is set for a folder.
  const onPath = (environment['PATH'] ?? '')
    .split(':')
    .filter((one) => path.isAbsolute(one) && !/\/shims\/?$/.test(one));
  return [
    '/usr/bin',
    '/usr/local/bin',
    ...onPath,
    ...(await childPrefixes(path.join(pyenv, 'versions'))),
    ...(await childPrefixes(managed)),
  ];
}

/** Null: it does not start, is too old, or belongs to a virtual environment (which may vanish with its project). */
async function inspect(executable: string): Promise<InterpreterReport | null> {
  try {
    const prefix = path.dirname(path.dirname(executable));
    await access(executable, constants.X_OK);
    const isVirtual = await access(path.join(prefix, 'pyvenv.cfg')).then(
      () => true,
      () => false,
    );
    if (isVirtual) return null;
    const { stdout } = await execa(executable, ['-I', '-S', '-B', '-c', QUESTION], {
      timeout: 10_000,
      env: {},
      extendEnv: false,
    });
    const report = { ...(JSON.parse(stdout) as Omit<InterpreterReport, 'path'>), path: executable };
    return matchesSpecifiers(report.version, OLDEST) ? report : null;
  } catch {
    return null;
  }
}

/** Every file that looks like an interpreter, by whatever name; nothing is started. */
export async function interpreterCandidates(
  pythonPaths: string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const places = new Set([...pythonPaths, ...(await usualPlaces(environment))]);
  return (await Promise.all([...places].map(executablesIn))).flat();
}

/** Every usable interpreter once, newest first. Spawns each candidate, four at a time. */
export async function findInterpreters(
  pythonPaths: string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<InterpreterReport[]> {
  const candidates = new Set<string>();
  for (const executable of await interpreterCandidates(pythonPaths, environment)) {
    const resolved = await realpath(executable).catch(() => null);
    if (resolved !== null) candidates.add(resolved);
  }
  const queue = [...candidates];
  const found: InterpreterReport[] = [];
  const inspectNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const report = await inspect(next);
      if (report !== null) found.push(report);
    }
  };
  await Promise.all([inspectNext(), inspectNext(), inspectNext(), inspectNext()]);
  return found.toSorted(compareInterpreters);
}

/** CPython before others, releases before previews, newer before older, then by path so that the order is stable. */
function compareInterpreters(left: InterpreterReport, right: InterpreterReport): number {
  const rank = (one: InterpreterReport): number =>
    (one.implementation === 'cpython' ? 0 : 4) +
    (parseVersion(one.version)?.pre ? 2 : 0) +
    (one.abi?.endsWith('t') ? 1 : 0);
  return (
    rank(left) - rank(right) || newestFirst(left.version, right.version) || (left.path < right.path ? -1 : 1)
  );
}

export interface InterpreterWish {
  /** As the person asked. */
  request: string | null;
  /** Of the manifest. */
  requiresPython: string | null;
  /** What the environment has now: kept as long as it fits and is there. */
  current: { version: string; home: string } | null;
}

function describeAvailable(interpreters: InterpreterReport[]): string {
  if (interpreters.length === 0) return 'This worker has no Python at all.';
  return `This worker has ${[...new Set(interpreters.map((one) => one.version))].join(', ')}.`;
}

/** The interpreter for an environment. Throws `python_unavailable` with what there is. */
export function chooseInterpreter(
  interpreters: InterpreterReport[],
  wish: InterpreterWish,
): InterpreterReport {
  const request = wish.request === null ? null : checkPythonRequest(wish.request);
  if (request !== null && !request.ok)
    throw new PackageManagerError('python_unavailable', request.errors[0]!.message);
  const wanted = [
    ...(request?.python.specifiers ?? []),
    ...(parseSpecifiers(wish.requiresPython ?? '') ?? []),
  ];
  const fitting = interpreters.filter((one) => matchesSpecifiers(one.version, wanted));
  const { current } = wish;
  const minor = (version: string): string => version.split('.').slice(0, 2).join('.');
  const chosen =
    fitting.find(
      (one) => current !== null && one.version === current.version && path.dirname(one.path) === current.home,
    ) ??
    fitting.find((one) => current !== null && minor(one.version) === minor(current.version)) ??
    // A preview is only taken when it was asked for and nothing else fits.
    fitting.find((one) => !parseVersion(one.version)?.pre) ??
    fitting[0];
  if (chosen !== undefined) return chosen;
  const asked = [wish.request, wish.requiresPython && `requires-python ${wish.requiresPython}`]
    .filter(Boolean)
    .join(' with ');
  const message = `Python ${asked || '3.8 or newer'} is not available. ${describeAvailable(interpreters)} Ask for one of these, or have it installed on the worker.`;
  throw new PackageManagerError('python_unavailable', message);
}

/** The interpreter that an existing tree was built with; null when the tree is gone or says nothing. */
export async function interpreterOfTree(
  tree: string | null,
): Promise<{ version: string; home: string } | null> {
  const text =
    tree === null ? null : await readWholeText(path.join(tree, '.venv/pyvenv.cfg'), MAX_CONFIGURATION_BYTES);
  const version = /^version_info = (\S+)/m.exec(text ?? '')?.[1];
  const home = /^home = (.+)$/m.exec(text ?? '')?.[1];
  return version === undefined || home === undefined ? null : { version, home: home.trim() };
}

/** Throws `interpreter_missing` when the interpreter was taken away since it was chosen. */
export async function assertInterpreterThere(python: InterpreterReport): Promise<void> {
  if (await isInterpreterThere(python)) return;
  const { code, message } = interpreterFault(python);
  throw new PackageManagerError(code, message);
}

export function interpreterFault(python: InterpreterReport): TreeFault {
  const message = `Python ${python.version} at ${python.path} has vanished from this worker. Have it installed again, or change the environment's Python.`;
  return { code: 'interpreter_missing', message };
}

export function isInterpreterThere(python: InterpreterReport): Promise<boolean> {
  return access(python.path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
