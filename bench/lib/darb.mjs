/** A Darb for the benchmarks: the compiled standalone on loopback, with the local index and a marked uv. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createParser } from 'eventsource-parser';
import { freePort, Guard, startWheelIndex, uvPath, valkeyServerPath, waitFor } from '@darb/testing';

const MAIN = join(import.meta.dirname, '../../apps/standalone/dist/main.js');
const PASSWORD = 'a-password-for-the-benchmarks';
const START_TIMEOUT_MS = 240_000;

/** Prefix of the packages that make the marked uv print the clock instead of solving. */
export const MARK = 'bench-mark';
const CLOCK = '@clock';
const REAL_UV = '.bench-uv';

/**
 * A uv that does what uv does, except for two names: `bench-mark-spawn` prints the time at which it was started,
 * `bench-mark-lines` prints 400 lines, 10 ms apart, each with the time at which it was written. Bash's own clock: no
 * process is started for it.
 */
function markedUv(folder, pool) {
  const path = join(folder, 'uv');
  // A sandbox shows the tool only this script and the pool: the real uv is put there once Darb has made it.
  const inPool = join(pool, REAL_UV);
  writeFileSync(
    path,
    `#!/bin/bash
case "$*" in
*${MARK}-spawn*) echo "${CLOCK} $EPOCHREALTIME"; exit 1 ;;
*${MARK}-lines*)
  exec {nothing}<> <(:)
  for ((line = 0; line < 400; line++)); do echo "${CLOCK} $EPOCHREALTIME"; read -t 0.01 -u "$nothing"; done
  exit 1 ;;
esac
if [ -x ${inPool} ]; then exec ${inPool} "$@"; fi
exec ${uvPath()} "$@"
`,
  );
  chmodSync(path, 0o755);
  return path;
}

/** Milliseconds since 1970 that a line of the marked uv carries, or null. */
export function clockOf(text) {
  const match = new RegExp(`^${CLOCK} (\\d+)[.,](\\d+)`).exec(text);
  return match ? Number(match[1]) * 1000 + Number(match[2]) / 1000 : null;
}

/** The same clock in this process, with fractions. */
export const now = () => performance.timeOrigin + performance.now();

export class Darb {
  folder = mkdtempSync(join(tmpdir(), 'darb-bench-'));
  data = join(this.folder, 'data');
  // Stopping takes Darb up to thirty seconds.
  guard = new Guard(this.folder, 35);
  output = '';

  static async create() {
    const darb = new Darb();
    darb.index = await startWheelIndex();
    darb.pool = join(darb.data, 'pools/shared');
    darb.uv = markedUv(darb.folder, darb.pool);
    darb.port = await freePort();
    await darb.start();
    mkdirSync(darb.pool, { recursive: true });
    copyFileSync(uvPath(), join(darb.pool, REAL_UV));
    return darb;
  }

  async start() {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(DARB_|npm_)/i.test(name));
    const env = {
      ...Object.fromEntries(inherited),
      PATH: `${process.env.PATH}:${dirname(valkeyServerPath())}`,
      DARB_ADMIN_PASSWORD: PASSWORD,
      DARB_PACKAGE_MANAGER_UV_PATH: this.uv,
      DARB_PACKAGE_MANAGER_UV_INDEX_URL: this.index.url,
    };
    const args = [MAIN, '--data', this.data, '--port', String(this.port)];
    this.child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.guard.watch(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    }
    this.url = `http://127.0.0.1:${this.port}`;
    const isHealthy = async () => {
      if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}`);
      return (await fetch(`${this.url}/api/v1/health`)).ok;
    };
    await waitFor(isHealthy, { timeoutMs: START_TIMEOUT_MS, what: 'Darb' }).catch((error) => {
      throw new Error(`${error.message}\n${this.output}`, { cause: error });
    });
    const { token } = await this.call('POST', '/auth/login', { username: 'admin', password: PASSWORD });
    this.token = token;
  }

  /** A JWT lives ten minutes; a benchmark may take longer. */
  async signIn() {
    this.token = (await this.call('POST', '/auth/login', { username: 'admin', password: PASSWORD })).token;
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
  }

  async close() {
    await this.stop();
    await this.index.close();
    await this.guard.dismiss();
  }

  async call(method, path, body) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Events of a stream as they arrive, each with the time of its arrival. */
  async *events(path, signal) {
    const headers = { authorization: `Bearer ${this.token}`, accept: 'text/event-stream' };
    const response = await fetch(`${this.url}/api/v1${path}`, { headers, signal });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const arrived = [];
    const parser = createParser({
      onEvent: ({ event, data }) => arrived.push({ event, data: JSON.parse(data), at: now() }),
    });
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      parser.feed(chunk);
      yield* arrived.splice(0);
    }
  }

  async finished(jobId) {
    for await (const { event, data } of this.events(`/jobs/${jobId}/logs/stream`)) {
      if (event === 'end') return data;
    }
    return this.call('GET', `/jobs/${jobId}`);
  }

  /** A uv environment that is ready. */
  async environment(name, packages = []) {
    const body = { name, package_manager: 'uv', ...(packages.length > 0 ? { packages } : {}) };
    const created = await this.call('POST', '/environments', body);
    const job = await this.finished(created.job.id);
    if (job.status !== 'completed') throw new Error(JSON.stringify(job));
    return this.call('GET', `/environments/${created.id}`);
  }

  /** Services of this Darb: name → process. */
  services() {
    const found = {};
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const env = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        // Next writes its own name over its command line.
        const name = command.startsWith('next-server')
          ? 'dashboard'
          : /apps\/(\w+)\/dist\/main\.js/.exec(command)?.[1];
        if (!name || !this.owns(Number(pid))) continue;
        const variables = Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
        found[name] = { pid: Number(pid), variables };
      } catch {
        // Gone meanwhile, or somebody else's.
      }
    }
    return found;
  }

  owns(pid) {
    for (let at = pid; at > 1;) {
      if (at === this.child.pid) return true;
      const stat = readFileSync(`/proc/${at}/stat`, 'utf8');
      at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
    return false;
  }
}
