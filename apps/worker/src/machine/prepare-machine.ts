import { createAdapters } from '@darb/package-manager';
import { v4 as uuid } from 'uuid';
import type { WorkerConfig } from '../config.js';
import { chooseSandbox } from '../sandbox/probe.js';
import { checkStorageRoot } from '../store/check-root.js';
import { Store } from '../store/store.js';
import { Machine } from './machine.js';

/** Looks at the machine once. Throws a sentence when jobs could not run here. */
export async function prepareMachine(config: WorkerConfig): Promise<Machine> {
  const root = await checkStorageRoot(config.storageRoot, config.storageAllowNetwork);
  const store = await Store.open(root.path);
  const sandbox = await chooseSandbox(config.sandbox, root.path);
  const adapters = createAdapters({
    toolPaths: { uv: config.uvPath ?? null, pixi: config.pixiPath ?? null },
    pythonPaths: config.uvPythonPath,
    indexUrl: config.uvIndexUrl ?? null,
    environment: toolEnvironment(root.canLink),
  });
  const managers = await Promise.all(
    adapters.map(async (adapter) => ({ adapter, report: await adapter.detect() })),
  );
  return new Machine(store, sandbox, managers, uuid());
}

/** Where nothing can be linked, uv is told to copy: it would do so anyway, with a warning on every install. */
function toolEnvironment(canLink: boolean): NodeJS.ProcessEnv {
  return canLink ? process.env : { ...process.env, UV_LINK_MODE: 'copy' };
}
