// Loaded into every service (`node --import`): a service whose supervisor is gone, however that came, ends too.
import process from 'node:process';

/** Longer than any service's own limit for an orderly end. */
const GIVE_UP_AFTER_MS = 25_000;

function end(): void {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), GIVE_UP_AFTER_MS);
}

process.once('disconnect', end);
// The channel must not keep a process alive that has nothing else to do.
process.channel?.unref();
if (!process.connected) end();
