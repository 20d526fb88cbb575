/**
 * Finds a Chromium for the browser test: on PATH, else the distribution's (as root on Debian and its kin), else
 * Playwright's own where its download can be reached.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './steps.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

async function fromDistribution(runner) {
  if (process.getuid?.() !== 0 || !onPath(['apt-get'])) return null;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  const first = await runner.command('apt-get', install, { env });
  if (first.exitCode !== 0) {
    // The list of packages of a fresh machine is empty or old.
    await runner.command('apt-get', ['update'], { env });
    await runner.command('apt-get', install, { env });
  }
  return onPath(NAMES);
}

async function fromPlaywright(runner) {
  const cli = join(ROOT, 'e2e/node_modules/@playwright/test/cli.js');
  const { exitCode } = await runner.node(cli, ['install', 'chromium']);
  if (exitCode !== 0) return null;
  const { chromium } = await import(join(ROOT, 'e2e/node_modules/@playwright/test/index.mjs'));
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}

/** @returns {Promise<string | null>} absolute path, or null when none can be had here. */
export async function findChromium(runner) {
  return onPath(NAMES) ?? (await fromDistribution(runner)) ?? (await fromPlaywright(runner));
}
