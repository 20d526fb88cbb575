/** Global set-up of the end-to-end tests: one Darb and one local index for all of them. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Guard, startWheelIndex, waitFor } from '@darb/testing';
import { processesUsing } from './support/processes.js';
import { ADMIN_PASSWORD, Standalone } from './support/standalone.js';

export default async function setup(): Promise<() => Promise<void>> {
  // A Darb that runs already is used as it is: E2E_URL, E2E_DATA, E2E_PASSWORD, E2E_INDEX, E2E_PID say where.
  if (process.env.E2E_URL) return async () => undefined;
  const index = await startWheelIndex();
  const data = mkdtempSync(join(tmpdir(), 'darb-e2e-'));
  const env = { DARB_PACKAGE_MANAGER_UV_INDEX_URL: index.url };
  // Stopping takes Darb up to thirty seconds.
  const guard = new Guard(data, 35);
  const darb = Standalone.spawn({ data, port: await freePort(), env });
  guard.watch(darb.child);
  await darb.healthy().catch(async (error: unknown) => {
    await index.close();
    await guard.dismiss();
    throw error;
  });
  process.env.E2E_URL = darb.url;
  process.env.E2E_PID = String(darb.child.pid);
  process.env.E2E_DATA = data;
  process.env.E2E_INDEX = index.url;
  process.env.E2E_PASSWORD = ADMIN_PASSWORD;

  return async () => {
    await darb.stop();
    await index.close();
    // Whatever still speaks of the data folder was left behind: that is a failed test, not a detail.
    await waitFor(() => processesUsing(data).length === 0, {
      timeoutMs: 5_000,
      what: 'every process of Darb to be gone',
    }).catch((error: unknown) => {
      console.error(processesUsing(data));
      throw error;
    });
    await guard.dismiss();
  };
}
