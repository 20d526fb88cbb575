import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, repositoryRoot, valkeyServerPath, waitFor } from '@darb/testing';

const HERE = import.meta.dirname;
const SERVICES = ['auth', 'environments', 'jobs', 'worker', 'gateway'];

/** A checkout with the real standalone, compiled, and stand-ins for the services and the migrations. */
export class Checkout {
  readonly place = mkdtempSync(path.join(tmpdir(), 'darb-standalone-'));
  readonly root = path.join(this.place, 'checkout');
  readonly notes = path.join(this.place, 'notes');

  constructor() {
    const source = path.join(repositoryRoot(), 'apps/standalone');
    const own = path.join(this.root, 'apps/standalone');
    mkdirSync(own, { recursive: true });
    mkdirSync(this.notes);
    cpSync(path.join(source, 'package.json'), path.join(own, 'package.json'));
    symlinkSync(path.join(source, 'node_modules'), path.join(own, 'node_modules'));
    const compiler = path.join(repositoryRoot(), 'node_modules/.bin/tsc');
    execFileSync(compiler, [
      '-p',
      source,
      '--outDir',
      path.join(own, 'dist'),
      '--incremental',
      'false',
      '--tsBuildInfoFile',
      'null',
    ]);
    for (const name of SERVICES) this.put('fake-service.mjs', `apps/${name}/dist/main.js`);
    this.put('fake-service.mjs', 'apps/dashboard/.next/standalone/apps/dashboard/server.js');
    this.put('fake-migrations.mjs', 'libs/models/dist/migrations/main.js');
    writeFileSync(path.join(this.root, 'package.json'), '{"type":"module"}');
  }

  run(options: { data?: string; port: number; env?: Record<string, string> }): Run {
    return new Run(this, { data: path.join(this.place, 'data'), env: {}, ...options });
  }

  /** What a stand-in was started with last. */
  noteOf(service: string): { pid: number; env: Record<string, string> } {
    return JSON.parse(readFileSync(path.join(this.notes, `${service}.json`), 'utf8'));
  }

  /** Processes that work in, or speak of, this checkout or its data. */
  processes(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`)} ${read(`/proc/${pid}/environ`)}`)
      .filter((text) => text.includes(this.place));
  }

  async gone(): Promise<void> {
    await waitFor(() => this.processes().length === 0, { what: 'every process to be gone' }).catch(
      (error: Error) => {
        throw new Error(`${error.message}: ${this.processes().join('\n').slice(0, 1000)}`);
      },
    );
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }

  private put(source: string, target: string): void {
    mkdirSync(path.dirname(path.join(this.root, target)), { recursive: true });
    cpSync(path.join(HERE, source), path.join(this.root, target));
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** One run of standalone. */
export class Run {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;

  constructor(
    checkout: Checkout,
    readonly options: { data: string; port: number; env: Record<string, string> },
  ) {
    const main = path.join(checkout.root, 'apps/standalone/dist/main.js');
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(DARB_|TEST_|VITEST|NODE_|npm_)/i.test(name),
    );
    // Any program that can be run does for uv: nothing is installed here.
    const env = { NOTES: checkout.notes, DARB_PACKAGE_MANAGER_UV_PATH: process.execPath, ...options.env };
    this.child = spawn(process.execPath, [main, '--data', options.data, '--port', String(options.port)], {
      env: {
        ...Object.fromEntries(inherited),
        PATH: `${process.env['PATH']}:${path.dirname(valkeyServerPath())}`,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    // Not 'close': that never comes after the channel was disconnected from this side.
    this.ended = once(this.child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  /** Waits for a text on its console. */
  async says(text: string | RegExp): Promise<void> {
    const early = this.ended.then(() => undefined);
    const seen = () => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output));
    await Promise.race([waitFor(seen, { timeoutMs: 60_000, what: String(text) }), early]).catch(
      (error: Error) => {
        throw new Error(`${error.message}\n${this.output}`);
      },
    );
    if (!seen()) throw new Error(`It ended before it said ${text}:\n${this.output}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM') {
    this.child.kill(signal);
    return this.ended;
  }
}

export { freePort };
