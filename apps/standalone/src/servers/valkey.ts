import { existsSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { complain } from '../console.js';
import type { DataFolder } from '../data/data-folder.js';
import { findProgram } from '../find-program.js';
import { bound } from '../processes/bound.js';
import { Keeper, PortTaken } from '../processes/keeper.js';
import type { KeeperParts } from '../processes/keeper.js';
import { Sentence } from '../sentence.js';
import type { Environment } from '../variables.js';

const ANSWER_TIMEOUT_MS = 3_000;

export interface ValkeyOptions {
  folder: DataFolder;
  password: string;
  env: Environment;
}

export class Valkey {
  private keeper: Keeper | undefined;

  constructor(private readonly options: ValkeyOptions) {}

  /** Starts the server and answers with its address, host:port. */
  async start(port: number, parts: KeeperParts): Promise<string> {
    const { folder, password, env } = this.options;
    const file = findProgram('valkey-server', 'redis-server');
    if (!file)
      throw new Sentence(
        'Neither valkey-server nor redis-server is on PATH. Install one, or set DARB_QUEUE_VALKEY_ADDR to a server that runs.',
      );
    const plan = {
      name: 'valkey',
      command: bound({ file, args: ['-'] }, 'TERM'),
      env,
      cwd: folder.valkey,
      log: path.join(folder.logs, 'valkey.log'),
      // On standard input, because everybody on the machine can read command lines.
      input: configuration(folder.valkey, port, password),
      hasLifeline: false,
      stopSignal: 'SIGTERM' as const,
      stopWithinMs: 5_000,
    };
    const start = async () => {
      this.keeper = new Keeper(plan, () => ping(port, password), parts);
      await this.keeper.start();
    };
    await start().catch(async (error: Error) => {
      if (error instanceof PortTaken || !this.setAsideDamagedFiles()) throw error;
      await start();
    });
    return `127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    await this.keeper?.stop();
  }

  kill(): void {
    this.keeper?.kill();
  }

  /** Valkey holds nothing that PostgreSQL does not know, so starting without its files beats not starting. */
  private setAsideDamagedFiles(): boolean {
    const files = path.join(this.options.folder.valkey, 'appendonlydir');
    if (!existsSync(files)) return false;
    const aside = `${files}.damaged-${Date.now()}`;
    renameSync(files, aside);
    complain(
      `Valkey could not read its files; they are now ${aside}, and it starts empty. No work is lost by that.`,
    );
    return true;
  }
}

function configuration(folder: string, port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${folder}"`,
    `requirepass ${password}`,
    'appendonly yes',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    '',
  ].join('\n');
}

/** Says what is wrong with a Valkey that somebody else runs. */
export async function checkValkey(addr: string): Promise<void> {
  const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(addr) ?? [];
  if (!port) throw new Sentence(`DARB_QUEUE_VALKEY_ADDR is "${addr}": it must be host:port.`);
  await converse(host, Number(port), '').catch((error: NodeJS.ErrnoException) => {
    throw new Sentence(`DARB_QUEUE_VALKEY_ADDR: ${addr} does not answer (${error.message || error.code}).`);
  });
}

async function ping(port: number, password: string): Promise<boolean> {
  return (await converse('127.0.0.1', port, `AUTH ${password}\r\nPING\r\n`)).includes('+PONG');
}

/** Sends a few lines of the protocol and collects the answers; with nothing to send it is content to be let in. */
function converse(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port, timeout: ANSWER_TIMEOUT_MS });
    const finish = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => (text ? socket.write(text) : finish()));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      // AUTH and PING: two lines come back, whatever they say.
      if (answer.split('\r\n').length > 2) finish();
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.once('error', reject);
    socket.once('close', finish);
  });
}
