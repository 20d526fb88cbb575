/**
 * `npm run test:chaos`: runs chaos/ in a mount namespace of its own, so that the small disks of its stores can be made
 * and are gone with it. Where that is not allowed the faults that fill a disk are left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../chaos/dist/main.js');
const NAMESPACES = [
  ['--mount', '--propagation', 'private'],
  ['--user', '--map-root-user', '--mount', '--propagation', 'private'],
];

const wanted = process.getuid?.() === 0 ? NAMESPACES : NAMESPACES.slice(1);
const namespace = wanted.find(
  (args) => spawnSync('unshare', [...args, 'true'], { stdio: 'ignore' }).status === 0,
);
const node = [process.execPath, '--max-old-space-size=1024', MAIN, ...process.argv.slice(2)];
const [file, ...args] = namespace ? ['unshare', ...namespace, '--', ...node] : node;
// unshare becomes node: the channel, which ends it with us, and signals reach it.
const child = spawn(file, args, {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, CHAOS_MAY_MOUNT: namespace ? '1' : '0' },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('disconnect', () => child.kill('SIGTERM'));
process.channel?.unref();
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
