import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '@darb/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTimeOf } from '../process-identity.js';
import { Keeper, PortTaken } from './keeper.js';
import { ProcessList } from './leftovers.js';
import { ReaperClient } from './reaper-client.js';

let folder: string;
let keeper: Keeper;
const giveUp = vi.fn();
const onDiskFull = vi.fn();

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'darb-keeper-'));
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await keeper.stop(100);
  rmSync(folder, { recursive: true, force: true });
});

/** A process that runs `script`; it is ready when the file `ready` is there. */
function keep(script: string): Keeper {
  keeper = new Keeper(
    {
      name: 'sample',
      command: { file: process.execPath, args: ['-e', script] },
      env: { ...process.env },
      cwd: folder,
      log: path.join(folder, 'sample.log'),
      hasLifeline: false,
      stopSignal: 'SIGTERM',
      stopWithinMs: 500,
    },
    () => Promise.resolve(existsSync(path.join(folder, 'ready'))),
    { list: new ProcessList(folder), reaper: new ReaperClient(), giveUp, onDiskFull },
  );
  return keeper;
}
function isGroupAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}
const READY = `require('fs').writeFileSync('ready', ''); setInterval(() => {}, 1000);`;

describe('a keeper', () => {
  it('starts a process again that ends by itself', async () => {
    await keep(READY).start();
    const first = keeper.pid!;
    process.kill(first, 'SIGKILL');
    const second = await waitFor(() => (keeper.pid === first ? undefined : keeper.pid));
    expect(startTimeOf(second)).toBeDefined();
    expect(process.stderr.write).toHaveBeenCalledWith(
      expect.stringContaining('ended unexpectedly (SIGKILL)'),
    );
  });

  it('stops a process that ignores SIGTERM, with what it started', async () => {
    const script = `process.on('SIGTERM', () => {}); require('child_process').spawn('sleep', ['1000']); ${READY}`;
    await keep(script).start();
    const pid = keeper.pid!;
    await keeper.stop();
    expect(startTimeOf(pid)).toBeUndefined();
    await waitFor(() => !isGroupAlive(pid), { what: 'the process that it started to be gone' });
  });

  it('does not count an end on a full disk as a crash, and goes on by itself', async () => {
    const script = `require('fs').appendFileSync('tries', 'x'); ${READY}
      if (require('fs').readFileSync('tries', 'utf8').length < 4) {
        console.error('PANIC:  could not write: No space left on device');
        setTimeout(() => process.exit(1), 100);
      }`;
    await keep(script).start();
    const tries = () => readFileSync(path.join(folder, 'tries'), 'utf8').length;
    await waitFor(() => tries() === 4 && keeper.pid, { what: 'the fourth start' });
    await waitFor(() => vi.mocked(process.stdout.write).mock.calls.flat().join('').includes('is back'));
    expect(keeper['crashes']).toBe(0);
    expect(onDiskFull).toHaveBeenCalled();
    const said = vi.mocked(process.stderr.write).mock.calls.flat().join('');
    expect(said.match(/ended because the disk is full\. Free some space/g)).toHaveLength(1);
  });

  it('gives the sentence of a setting that can not work, at once', async () => {
    const script = `console.error("sample can't start:\\nDARB_X is not set."); process.exit(1)`;
    await expect(keep(script).start()).rejects.toThrow("sample can't start: DARB_X is not set.");
  });

  it('tells a taken port from other troubles', async () => {
    await expect(keep(`console.error('listen EADDRINUSE'); process.exit(1)`).start()).rejects.toThrow(
      PortTaken,
    );
  });

  it('tries a broken start again, then says what it printed last', async () => {
    const script = `require('fs').appendFileSync('tries', 'x'); console.error('no such thing'); process.exit(3)`;
    await expect(keep(script).start()).rejects.toThrow(
      /sample could not be started: no such thing.*sample\.log/,
    );
    expect(readFileSync(path.join(folder, 'tries'), 'utf8')).toBe('xxx');
  });
});

describe('the list of processes', () => {
  it('lets the next start end what an earlier run left behind', async () => {
    await keep(READY).start();
    const pid = keeper.pid!;
    keeper['isStopping'] = true;
    await new ProcessList(folder).endLeftovers();
    expect(startTimeOf(pid)).toBeUndefined();
  });
});
