// `next build`, then what Next's standalone output leaves out: the static files beside the server.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const app = path.join(import.meta.dirname, '..');
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');

const { status, signal } = spawnSync(process.execPath, [next, 'build'], {
  cwd: app,
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
});
if (status !== 0) process.exit(signal ? 1 : status);

const server = path.join(app, '.next/standalone/apps/dashboard');
for (const [from, to] of [
  ['.next/static', '.next/static'],
  ['public', 'public'],
]) {
  const source = path.join(app, from);
  if (!existsSync(source)) continue;
  const target = path.join(server, to);
  rmSync(target, { recursive: true, force: true });
  cpSync(source, target, { recursive: true });
}
