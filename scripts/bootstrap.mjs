// What `npm start`, `npm test` and the others call. Plain JavaScript without dependencies, for Node 20 and newer:
// it fetches what this machine lacks into .toolchain, then runs the command with Node 24.
import { HELP, OptionError, parseOptions } from '../apps/standalone/src/options.mjs';
import { publicPortTrouble } from '../apps/standalone/src/public-port.mjs';
import { mkdirSync } from 'node:fs';
import { fail, ignoreBrokenPipes, say, Sentence } from './lib/console.mjs';
import { toolchainFolder } from './lib/environment.mjs';
import { release, withLock } from './lib/lock.mjs';
import { ensureNode, ensurePnpm } from './lib/npm-tools.mjs';
import { pins } from './lib/pins.mjs';
import { endCurrentStep, findOnPath } from './lib/processes.mjs';
import { ensureUv, ensureValkey } from './lib/python-tools.mjs';
import { inRoot, runCommand } from './lib/run.mjs';
import { build, installDependencies } from './lib/workspace.mjs';

const COMMANDS = {
  // The supervisor only waits and reads along: it needs little memory.
  start: {
    file: 'apps/standalone/dist/main.js',
    needs: ['uv', 'valkey', 'build'],
    flags: ['--max-semi-space-size=1', '--max-old-space-size=128'],
  },
  test: { file: 'scripts/test.mjs', needs: ['uv', 'valkey'] },
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
  const tools = await prepare(command.needs, () => options && requirePort(options)).finally(stopListening);
  const env = tools.uv ? { DARB_PACKAGE_MANAGER_UV_PATH: tools.uv } : {};
  process.exitCode = await runCommand(
    tools.node,
    [...(command.flags ?? []), inRoot(command.file), ...args],
    env,
  );
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
  const trouble = await publicPortTrouble(
    port ?? Number(DARB_SERVER_PORT || 8080),
    DARB_SERVER_HOST || undefined,
  );
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
    const hasOwnServer = Boolean(process.env.DARB_QUEUE_VALKEY_ADDR);
    if (needs.includes('valkey') && !hasOwnServer) await ensureValkey();
    await installDependencies(pnpm, beforeLongWork);
    if (needs.includes('build')) await build(beforeLongWork);
    return { node, uv };
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
