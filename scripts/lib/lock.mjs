import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { say } from './console.mjs';
import { toolchainFolder } from './environment.mjs';
import { startTimeOf } from './processes.mjs';

const file = path.join(toolchainFolder, 'lock');
const own = `${process.pid} ${startTimeOf(process.pid)}`;

/** One bootstrap at a time prepares a checkout. A lock whose process is gone is taken over. */
export async function withLock(work) {
  let told = false;
  while (!tryLock()) {
    const holder = read(file);
    if (holder !== undefined && !isAlive(holder)) {
      takeAway(holder);
      continue;
    }
    if (!told)
      say(
        `Another Darb command (process ${holder?.split(' ')[0]}) is preparing this checkout; waiting for it.`,
      );
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    return await work();
  } finally {
    release();
  }
}

/** Also called when a signal ends us. */
export function release() {
  if (read(file) === own) rmSync(file, { force: true });
}

function tryLock() {
  // Written aside and linked, so that nobody reads a lock that is still empty.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, own);
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function takeAway(holder) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  // Somebody else may have taken over between our look and the rename: then it goes back.
  if (read(aside) !== holder) {
    try {
      linkSync(aside, file);
    } catch {
      // A third one holds it by now.
    }
  }
  rmSync(aside, { force: true });
}

function isAlive(holder) {
  const [pid, ...started] = holder.split(' ');
  return startTimeOf(Number(pid)) === started.join(' ');
}

function read(name) {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return undefined;
  }
}
