/** Work that can be big: run in a process of its own, so that heartbeats and requests go on. Pure but for reading files. */
import { checkLockfile, parseManifest } from '../check-files.js';
import { compareGivenLock } from '../lockfiles/compare-uv-locks.js';
import { summarizeUvLock } from '../lockfiles/summarize-uv-lock.js';
import { parsePixiLock } from '../lockfiles/pixi-lock.js';
import { checkAsPreferences } from '../lockfiles/uv-tree-lock.js';
import { checkFilesNow } from '../trees/hashing.js';

export const TASKS = {
  parseManifest,
  checkLockfile,
  summarizeUvLock,
  compareGivenLock,
  checkAsPreferences,
  parsePixiLock,
  checkFilesNow,
};

export type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
