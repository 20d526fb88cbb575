// What `npm start`, `npm test` and the others call. Plain JavaScript without dependencies, for Node 20 and newer:
// it fetches what this machine lacks into .toolchain, then runs the command with Node 24.
import { HELP, OptionError, parseOptions } from '../apps/standalone/src/options.mjs';
import { publicPortTrouble } from '../apps/standalone/src/public-port.mjs';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fail, ignoreBrokenPipes, say, Sentence } from './lib/console.mjs';
import { toolchainFolder } from './lib/environment.mjs';
import { release, withLock } from './lib/lock.mjs';
import { ensureNode, ensurePnpm } from './lib/npm-tools.mjs';
import { pins } from './lib/pins.mjs';
import { endCurrentStep, findOnPath } from './lib/processes.mjs';
import { ensureUv, ensureValkey } from './lib/python-tools.mjs';
import { inRoot, runCommand } from './lib/run.mjs';
import { build, installDependencies } from './lib/workspace.mjs';

const PORT_PATIENCE_MS = 3_000;

const COMMANDS = {
  // The supervisor only waits and reads along: it needs little memory.
  start: {
    file: 'apps/standalone/dist/main.js',
    needs: ['uv', 'valkey', 'build'],
    flags: ['--max-semi-space-size=1', '--max-old-space-size=128'],
  },
  test: { file: 'scripts/test.mjs', needs: ['uv', 'valkey'] },
  chaos: { file: 'scripts/chaos.mjs', needs: ['uv', 'valkey', 'build'] },
  check: { file: 'scripts/check.mjs', needs: [] },
  bench: { file: 'bench/run.mjs', needs: ['uv', 'valkey', 'build'] },
  generate: { file: 'scripts/generate.mjs', needs: [] },
};

async function main([name, ...args]) {
  const command = COMMANDS[name];
  if (!command)
    throw new Sentence(`Usage: node scripts/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
  const options = name === 'start' ? readOptions(args) : undefined;
  if (options?.help) return say(HELP);
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Sentence(`Darb needs Node 20 or newer to begin with; this is ${process.versions.node}.`);
  }
  const stopListening = endStepsWhenTold();
  const tools = await prepare(needsOf(name), () => options && requirePort(options)).finally(stopListening);
  process.exitCode = await runCommand(
    tools.node,
    [...(command.flags ?? []), inRoot(command.file), ...args],
    surroundings(name, tools),
  );
}

/**
 * Tools are named one by one, by the place where they really are: what .toolchain/bin shows may change under a Darb
 * that runs for months. Tests and benchmarks run tools of the workspace too, so they have that folder besides.
 */
function surroundings(name, { uv, valkey }) {
  const env = uv ? { DARB_PACKAGE_MANAGER_UV_PATH: uv } : {};
  if (name !== 'start') return { env: valkey ? { TEST_VALKEY_SERVER: valkey, ...env } : env };
  const isOurs = valkey?.startsWith(toolchainFolder);
  return { env, tools: isOurs ? [path.dirname(valkey)] : [] };
}

/** A Valkey that the person runs is for their Darb; tests and benchmarks start their own. */
function needsOf(name) {
  const { needs } = COMMANDS[name];
  const hasOwnServer = name === 'start' && process.env.DARB_QUEUE_VALKEY_ADDR;
  return hasOwnServer ? needs.filter((need) => need !== 'valkey') : needs;
}

function readOptions(args) {
  try {
    return parseOptions(args);
  } catch (error) {
    if (error instanceof OptionError) throw new Sentence(error.message);
    throw error;
  }
}

/** A taken port is said before minutes of work. A start with nothing to prepare finds out itself, and says more. */
async function requirePort({ port }) {
  const { DARB_SERVER_PORT, DARB_SERVER_HOST } = process.env;
  const look = () =>
    publicPortTrouble(port ?? Number(DARB_SERVER_PORT || 8080), DARB_SERVER_HOST || undefined);
  // A Darb whose npm was just killed still ends; the port is the first thing that it gives back.
  const limit = Date.now() + PORT_PATIENCE_MS;
  let trouble = await look();
  while (trouble && Date.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    trouble = await look();
  }
  if (trouble) throw new Sentence(trouble);
}

async function prepare(needs, beforeLongWork) {
  try {
    mkdirSync(toolchainFolder, { recursive: true });
  } catch (error) {
    throw new Sentence(
      `Can not write to ${toolchainFolder} (${error.code}). Start Darb as the user who owns this folder.`,
    );
  }
  return withLock(async () => {
    const node = await ensureNode();
    const pnpm = await ensurePnpm();
    const uv = needs.includes('uv') ? await uvOrPixi() : undefined;
    const valkey = needs.includes('valkey') ? await ensureValkey() : undefined;
    await installDependencies(pnpm, beforeLongWork);
    if (needs.includes('build')) await build(beforeLongWork);
    return { node, uv, valkey };
  });
}

/** Darb is of use with one of the two package managers; with neither it says what to install. */
async function uvOrPixi() {
  try {
    return await ensureUv();
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    const pixi = process.env.DARB_PACKAGE_MANAGER_PIXI_PATH ?? findOnPath('pixi')[0];
    if (!pixi) {
      throw new Sentence(
        `${error.message}\nOr put uv ${pins.uv.version} or pixi on PATH yourself, then try again.`,
      );
    }
    say(`${error.message}\nGoing on without uv: only pixi environments can be made.`);
    return undefined;
  }
}

/** While things are being prepared: a signal, or npm being gone, ends the running step and us. */
function endStepsWhenTold() {
  const end = (code) => {
    endCurrentStep();
    release();
    process.exit(code);
  };
  const handlers = { SIGINT: () => end(130), SIGTERM: () => end(143), SIGHUP: () => end(129) };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  const parent = process.ppid;
  const watch = setInterval(() => process.ppid !== parent && end(143), 500);
  return () => {
    clearInterval(watch);
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
}

ignoreBrokenPipes();
main(process.argv.slice(2)).catch((error) => {
  fail(error);
  process.exitCode = 1;
});
