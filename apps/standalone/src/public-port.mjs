// Plain JavaScript, as options.mjs: the bootstrap looks too, before it fetches and builds for minutes.
import { createServer } from 'node:net';

/**
 * The sentence that says why the address people will open can't be had; undefined when it can.
 * @param {number} port
 * @param {string | undefined} host
 * @returns {Promise<string | undefined>}
 */
export async function publicPortTrouble(port, host) {
  const code = await tryPort(port, host ?? '0.0.0.0');
  if (code === undefined) return undefined;
  if (code === 'EACCES') {
    return `This user may not listen on port ${port}. Choose one above 1023: npm start -- --port 8080`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
    return `DARB_SERVER_HOST is "${host}", which is no address of this machine.`;
  }
  return `Port ${port} is taken by another program. Choose another one: npm start -- --port ${port + 1}`;
}

/**
 * @param {number} port
 * @param {string | undefined} host
 * @returns {Promise<string | undefined>} the code of the error; undefined when a server could listen there now
 */
export function tryPort(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve('code' in error ? String(error.code) : 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
