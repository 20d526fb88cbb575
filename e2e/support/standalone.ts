/** Darb as a person has it: the compiled standalone as a process, with a data folder and a port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { uvPath, valkeyServerPath, waitFor } from '@darb/testing';

const MAIN = join(import.meta.dirname, '../../apps/standalone/dist/main.js');
const START_TIMEOUT_MS = 240_000;

export const ADMIN_PASSWORD = 'an-admin-of-the-end-to-end-tests';

export interface StandaloneOptions {
  data: string;
  port: number;
  env?: Record<string, string>;
}

export class Standalone {
  output = '';
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(
    readonly url: string,
    readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  /** Does not wait until it is ready. */
  static spawn({ data, port, env = {} }: StandaloneOptions): Standalone {
    // Names that begin with DARB_ steer Darb; those of whoever runs the tests must not.
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(DARB_|TEST_|VITEST|NODE_|npm_)/i.test(name),
    );
    const args = ['--data', data, '--port', String(port)];
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        ...Object.fromEntries(inherited),
        PATH: `${process.env.PATH}:${join(valkeyServerPath(), '..')}`,
        DARB_ADMIN_PASSWORD: ADMIN_PASSWORD,
        DARB_PACKAGE_MANAGER_UV_PATH: uvPath(),
        // Where pixi is on PATH too, it would be the default.
        DARB_PACKAGE_MANAGER_DEFAULT_TYPE: 'uv',
        ...env,
      },
      // The channel tells it when this process is gone, however that came.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new Standalone(`http://127.0.0.1:${port}`, child);
  }

  /** Waits for `/api/v1/health` to answer 200. */
  async healthy(): Promise<void> {
    const options = { timeoutMs: START_TIMEOUT_MS, intervalMs: 200, what: 'Darb to be healthy' };
    const healthy = waitFor(async () => (await fetch(`${this.url}/api/v1/health`)).ok, options);
    healthy.catch(() => undefined);
    const early = this.ended.then(({ code }) => {
      throw new Error(`it ended with exit code ${code} before it was healthy`);
    });
    try {
      await Promise.race([healthy, early]);
    } catch (error) {
      this.child.kill('SIGKILL');
      throw new Error(`Darb did not start: ${(error as Error).message}\n${this.output}`, { cause: error });
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended;
  }
}
