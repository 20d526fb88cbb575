import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, createWriteStream, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { say } from './console.mjs';
import { childEnvironment, personsPath, toolchainFolder } from './environment.mjs';

/** The preparing step that runs now; an interrupted bootstrap ends it with everything it started. */
let current;

/**
 * Runs one preparing step quietly. Output goes to .toolchain/logs/<name>.log and is returned (last 64 KB);
 * a long step says every 15 s that it is still at work.
 */
export async function runStep(name, file, args, { cwd, env } = {}) {
  const folder = path.join(toolchainFolder, 'logs');
  mkdirSync(folder, { recursive: true });
  const log = createWriteStream(path.join(folder, `${name}.log`));
  const started = Date.now();
  // A group of its own: Ctrl-C in a terminal reaches only us, and we end the whole tree.
  const child = spawn(file, args, {
    cwd,
    env: childEnvironment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  current = child;
  let output = '';
  const take = (chunk) => {
    log.write(chunk);
    output = (output + chunk).slice(-65536);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const beat = setInterval(
    () => say(`  … still at it (${Math.round((Date.now() - started) / 1000)} s)`),
    15_000,
  );
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { code, output, log: log.path, seconds: (Date.now() - started) / 1000 };
  } finally {
    clearInterval(beat);
    log.end();
    current = undefined;
  }
}

/** Ends the step that runs now, with everything it started. */
export function endCurrentStep(signal = 'SIGTERM') {
  if (!current?.pid) return;
  try {
    process.kill(-current.pid, signal);
  } catch {
    // Already gone.
  }
}

/** Asks a program something short, such as its version. Undefined when it can't be run. */
export function ask(file, args) {
  const env = { ...childEnvironment(), PATH: personsPath().join(path.delimiter) };
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    env,
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Every executable of these names on the person's PATH, in PATH order. */
export function findOnPath(...names) {
  const found = [];
  for (const name of names) {
    for (const folder of personsPath()) {
      const file = path.join(folder, name);
      if (isExecutable(file)) found.push(file);
    }
  }
  return [...new Set(found)];
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** When a process started, so that a number that was given out again is not mistaken for the old process. */
export function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    const asked = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return asked.status === 0 ? asked.stdout.trim() || undefined : undefined;
  }
}
