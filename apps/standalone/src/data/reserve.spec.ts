import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from '@darb/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiskReserve } from './reserve.js';

let folder: string;
let reserve: DiskReserve;
const file = () => path.join(folder, 'run', 'reserve');

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'darb-reserve-'));
  mkdirSync(path.join(folder, 'run'));
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  reserve.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** With limits around what is free now. */
function keep(lowBytes: number, plentyBytes: number): DiskReserve {
  reserve = new DiskReserve(
    { path: folder, run: path.join(folder, 'run') },
    { reserveBytes: 3_000_000, lowBytes, plentyBytes },
  );
  reserve.keep();
  return reserve;
}

describe('the reserve of a data folder', () => {
  it('is held while there is plenty, given back when somebody can not write, and taken again', async () => {
    keep(0, 0).release();
    expect(existsSync(file())).toBe(false);
    expect(process.stderr.write).toHaveBeenCalledWith(expect.stringContaining('is full. Free some space'));
    await waitFor(() => existsSync(file()));
    expect(statSync(file()).size).toBe(3_000_000);
    expect(process.stdout.write).toHaveBeenCalledWith(expect.stringContaining('has space again'));
  });

  it('is given back when the disk is nearly full, and that is said once', () => {
    keep(0, 0);
    expect(statSync(file()).size).toBe(3_000_000);
    reserve.stop();
    keep(Infinity, Infinity).release();
    expect(existsSync(file())).toBe(false);
    expect(process.stderr.write).toHaveBeenCalledTimes(1);
  });
});
