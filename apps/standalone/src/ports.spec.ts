import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPortFree, pickPorts } from './ports.js';
import { publicPortTrouble } from './public-port.mjs';

const server = createServer();
beforeEach(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterEach(() => new Promise((resolve) => server.close(resolve)));
const taken = () => (server.address() as AddressInfo).port;

describe('ports', () => {
  it('sees a taken one, on its own address and on all', async () => {
    expect(await isPortFree(taken(), '127.0.0.1')).toBe(false);
    expect(await isPortFree(taken(), '0.0.0.0')).toBe(false);
  });

  it('refuses a taken public port with the option to change it', async () => {
    expect(await publicPortTrouble(taken(), undefined)).toMatch(/is taken by another program.*--port/);
  });

  it('refuses an address that this machine does not have', async () => {
    const [port] = await pickPorts(1);
    expect(await publicPortTrouble(port!, '203.0.113.7')).toMatch(/no address of this machine/);
    expect(await publicPortTrouble(port!, undefined)).toBeUndefined();
  });

  it('picks different free ones', async () => {
    const ports = await pickPorts(6);
    expect(new Set(ports).size).toBe(6);
    for (const port of ports) expect(await isPortFree(port, '127.0.0.1')).toBe(true);
  });
});
