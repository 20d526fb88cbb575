import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
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

/** Says so, when the address that people will open is not to be had. */
export async function requirePublicPort(port: number, host: string | undefined): Promise<void> {
  const code = await tryPort(port, host ?? '0.0.0.0');
  if (code === undefined) return;
  if (code === 'EACCES') {
    throw new Sentence(
      `This user may not listen on port ${port}. Choose one above 1023: npm start -- --port 8080`,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
    throw new Sentence(`DARB_SERVER_HOST is "${host}", which is no address of this machine.`);
  }
  throw new Sentence(
    `Port ${port} is taken by another program. Choose another one: npm start -- --port ${port + 1}`,
  );
}

function tryPort(port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
