import { PACKAGE_MANAGERS } from '@darb/models';
import { createPackageManager } from '@darb/package-manager';
import { v4 as uuid } from 'uuid';
import type { WorkerConfig } from '../config.js';
import { chooseSandbox } from '../sandbox/probe.js';
import { checkStorageRoot } from '../store/check-root.js';
import { Store } from '../store/store.js';
import { Machine } from './machine.js';

/** Looks at the machine. Throws a sentence when jobs could not run here. */
export async function prepareMachine(config: WorkerConfig, watchMs?: number): Promise<Machine> {
  const root = await checkStorageRoot(config.storageRoot, config.storageAllowNetwork);
  const store = await Store.open(root);
  const sandbox = await chooseSandbox(config.sandbox, root);
  const toolPaths = { uv: config.uvPath ?? null, pixi: config.pixiPath ?? null };
  const adapters = PACKAGE_MANAGERS.map((type) =>
    createPackageManager(type, {
      toolPath: toolPaths[type],
      pythonPaths: config.uvPythonPath,
      indexUrl: config.uvIndexUrl ?? null,
      environment: process.env,
    }),
  );
  return Machine.open(store, sandbox, adapters, uuid(), watchMs);
}
