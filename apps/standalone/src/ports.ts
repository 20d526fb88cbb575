import { randomInt } from 'node:crypto';
import { tryPort } from './public-port.mjs';
import { Sentence } from './sentence.js';

// Below the range that systems give to outgoing connections, so that only another server can get in between.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether a server could listen there now. */
export async function isPortFree(port: number, host: string | undefined): Promise<boolean> {
  return (await tryPort(port, host)) === undefined;
}

/** Free loopback ports, all different. Somebody may still take one before it is used: see PortTaken. */
export async function pickPorts(count: number): Promise<number[]> {
  const picked = new Set<number>();
  for (let tries = 0; picked.size < count; tries++) {
    if (tries > 2_000) throw new Sentence('No free port was found on 127.0.0.1 between 20000 and 32000.');
    const port = randomInt(LOWEST, HIGHEST);
    if (!picked.has(port) && (await isPortFree(port, '127.0.0.1'))) picked.add(port);
  }
  return [...picked];
}
