import type { Socket } from 'node:net';
import pg from 'pg';
import { isStaleStatement } from './stale-statement.js';
import { StatementNames } from './statement-names.js';

export interface DarbClientOptions {
  preparedStatements: boolean;
  /** A connection that is silent for this long after a statement is given up. */
  responseTimeoutMs: number;
}

type Send = (config: unknown, values?: unknown, callback?: unknown) => Promise<pg.QueryResult>;

/**
 * The class of every connection in a service's pool (pg-pool's option `Client`). Statements are prepared under a name,
 * and a server that does not respond (frozen, or behind a network that swallows packets) costs a request some
 * seconds and the connection, never more. pg's own `query_timeout` keeps the connection: its next user would wait
 * behind the lost statement, or find itself in a transaction that was never ended.
 */
export function darbClient(options: DarbClientOptions): typeof pg.Client {
  const names = options.preparedStatements ? new StatementNames() : null;

  class DarbClient extends pg.Client {
    // oxlint-disable-next-line typescript/no-explicit-any -- pg declares nine overloads of this
    override query(config: any, values?: any, callback?: any): any {
      const send = super.query.bind(this) as Send;
      const isPlain =
        typeof config === 'string' && typeof values !== 'function' && typeof callback !== 'function';
      if (!isPlain) return send(config, values, callback);
      return this.withinTime(this.prepared(send, config, values as unknown[] | undefined));
    }

    private async prepared(send: Send, text: string, values?: unknown[]): Promise<pg.QueryResult> {
      const name = names?.nameOf(text);
      if (!name) return send(text, values);
      const isInTransaction = this.getTransactionStatus() !== 'I';
      try {
        return await send({ name, text, values });
      } catch (error) {
        if (!isStaleStatement(error)) throw error;
        names?.renew(name);
        // A transaction is over with its first error; whoever runs it has to begin again.
        if (isInTransaction) throw error;
        return send(text, values);
      }
    }

    private withinTime<T>(response: Promise<T>): Promise<T> {
      const timer = setTimeout(() => {
        const seconds = options.responseTimeoutMs / 1000;
        const message = `The database did not respond within ${seconds} s.`;
        this.socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
      }, options.responseTimeoutMs);
      return response.finally(() => clearTimeout(timer));
    }

    private get socket(): Socket {
      return (this as unknown as { connection: { stream: Socket } }).connection.stream;
    }
  }
  return DarbClient;
}
