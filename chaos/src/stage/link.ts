/** A TCP connection between two parts of Darb, with somebody on the line who can cut, slow and hold it. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type LinkMode = 'pass' | 'refuse' | 'stall';

/**
 * Listens on loopback and hands each connection to one of its targets, the next one when that one accepts none: to a
 * service with two replicas it is the load balancer.
 */
export class Link {
  private readonly server: Server;
  private readonly open = new Set<Socket>();
  private mode: LinkMode = 'pass';
  private delayMs = 0;
  private passable: Promise<void> = Promise.resolve();
  private letPass: () => void = () => undefined;
  private turn = 0;

  private constructor(
    readonly name: string,
    private readonly targets: readonly number[],
  ) {
    this.server = createServer({ allowHalfOpen: true }, (client) => void this.serve(client));
  }

  static async open(name: string, ...targets: number[]): Promise<Link> {
    const link = new Link(name, targets);
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    return link;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection with a reset, as a router does that restarted. */
  drop(): void {
    for (const socket of this.open) reset(socket);
  }

  /** refuse: nobody gets through; stall: connections stay, and nothing arrives. */
  set(mode: LinkMode): void {
    if (mode === 'refuse') this.drop();
    if (mode === 'stall' && this.mode !== 'stall') {
      this.passable = new Promise((resolve) => (this.letPass = resolve));
    }
    if (mode !== 'stall') this.letPass();
    this.mode = mode;
  }

  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  heal(): void {
    this.set('pass');
    this.delayMs = 0;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.heal();
    this.drop();
    await closed;
  }

  private async serve(client: Socket): Promise<void> {
    this.track(client);
    if (this.mode === 'refuse') {
      reset(client);
      return;
    }
    await this.passable;
    const upstream = await this.reach();
    if (!upstream || client.destroyed) {
      reset(client);
      upstream?.destroy();
      return;
    }
    this.track(upstream);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    void this.relay(client, upstream);
    void this.relay(upstream, client);
  }

  private async reach(): Promise<Socket | null> {
    const first = this.turn++;
    for (let tried = 0; tried < this.targets.length; tried++) {
      const port = this.targets[(first + tried) % this.targets.length]!;
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      const connected = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      if (connected) return socket;
    }
    return null;
  }

  private async relay(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from) {
        if (this.delayMs > 0) await delay(this.delayMs);
        await this.passable;
        if (!to.write(chunk as Buffer)) await once(to, 'drain');
      }
      to.end();
    } catch {
      // One side broke: the other one has to see it too.
      reset(to);
    }
  }

  private track(socket: Socket): void {
    this.open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.open.delete(socket));
  }
}

/** A reset that comes while the socket is shutting down fails, and its handle would keep this process busy for ever. */
function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
