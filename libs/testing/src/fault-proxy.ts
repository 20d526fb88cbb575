import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface FaultProxy {
  port: number;
  /** Ends all connections and refuses new ones, until `restore`. */
  cut: () => void;
  /** Keeps and takes connections, but lets no byte through, as a server that got SIGSTOP does; until `restore`. */
  freeze: () => void;
  restore: () => void;
  close: () => Promise<void>;
}

/** A TCP address in front of a server, which can be taken away, frozen and given back. */
export async function faultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  const links = new Map<Socket, Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      links.set(from, to);
      if (state === 'open') from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        links.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    state = 'cut';
    for (const socket of links.keys()) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    freeze: () => {
      state = 'frozen';
      for (const [from, to] of links) from.unpipe(to).pause();
    },
    restore: () => {
      if (state === 'frozen') for (const [from, to] of links) from.pipe(to);
      state = 'open';
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
