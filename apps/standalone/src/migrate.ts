import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { say } from './console.js';
import { Sentence } from './sentence.js';
import type { Environment } from './variables.js';

/** Brings the tables up to date in a process of its own, so that this one never loads an ORM. */
export async function migrate(options: { checkout: string; dsn: string; env: Environment }): Promise<void> {
  const file = path.join(options.checkout, 'libs/models/dist/migrations/main.js');
  if (!existsSync(file))
    throw new Sentence(`${file} is not there. Build Darb first: npm start does that by itself.`);
  const child = spawn(process.execPath, [file], {
    env: { ...options.env, DARB_DATABASE_DSN: options.dsn } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Sentence((errors || output).trim() || 'The database could not be migrated.');
  if (output.startsWith('Migrated')) say('Made the tables of the database.');
}
