/** uv behind the port. */
import type { JobError, ManagerReport } from '@darb/models';
import { classifyFailure } from '../classify.js';
import { fingerprintOf } from '../fingerprint.js';
import { locateTool, toolCandidates, type ToolWish } from '../locate-tool.js';
import type {
  DigestInputs,
  Inventory,
  PackageManagerAdapter,
  PackageManagerSettings,
  ProgressListener,
  RunContext,
  Solution,
  SolveRequest,
  TreeFault,
  VerifyOutcome,
} from '../port.js';
import { findInterpreters, interpreterCandidates } from './interpreters.js';
import { solveUv } from './solve.js';
import { inventoryUvTree } from './inventory.js';
import { lookAtUvTree } from './look.js';
import { installUvTree, writeUvTree } from './tree.js';
import { verifyUvTree } from './verify.js';

/** Older ones lack `add --raw`. */
const OLDEST = '0.8.0';

const HOW_TO_INSTALL =
  'Install it with `python3 -m pip install uv` or your system’s packages (the worker notices by itself), or set DARB_PACKAGE_MANAGER_UV_PATH and restart the worker.';
const HOW_TO_GET_PYTHON =
  'Install Python 3.8 or newer, for example the package `python3` (the worker notices by itself), or set DARB_PACKAGE_MANAGER_UV_PYTHON_PATH and restart the worker.';

export class UvAdapter implements PackageManagerAdapter {
  readonly type = 'uv';

  constructor(private readonly settings: PackageManagerSettings) {}

  async detect(): Promise<ManagerReport> {
    const { pythonPaths, environment } = this.settings;
    const report: ManagerReport = {
      type: 'uv',
      available: false,
      version: null,
      path: null,
      reason: null,
      interpreters: [],
    };
    const tool = await locateTool(this.wish);
    if ('reason' in tool)
      return { ...report, path: tool.path, reason: `uv is not available: ${tool.reason}. ${HOW_TO_INSTALL}` };
    const interpreters = await findInterpreters(pythonPaths, environment);
    const located = { ...report, path: tool.path, version: tool.version, interpreters };
    if (interpreters.length > 0) return { ...located, available: true };
    return {
      ...located,
      reason: `uv ${tool.version} is there, but no Python was found. ${HOW_TO_GET_PYTHON}`,
    };
  }

  async fingerprint(): Promise<string> {
    const { pythonPaths, environment } = this.settings;
    const interpreters = await interpreterCandidates(pythonPaths, environment);
    return fingerprintOf([...toolCandidates(this.wish), ...interpreters]);
  }

  private get wish(): ToolWish {
    return {
      name: 'uv',
      configured: this.settings.toolPath,
      searchPath: this.settings.environment['PATH'] ?? '',
      variable: 'DARB_PACKAGE_MANAGER_UV_PATH',
      oldest: OLDEST,
    };
  }

  solve(request: SolveRequest, context: RunContext): Promise<Solution> {
    return solveUv(this.settings, request, context);
  }

  writeTree(tree: string, inputs: DigestInputs): Promise<void> {
    return writeUvTree(tree, inputs);
  }

  install(
    tree: string,
    inputs: DigestInputs,
    context: RunContext,
    onProgress?: ProgressListener,
  ): Promise<void> {
    return installUvTree(this.settings, tree, inputs, context, onProgress);
  }

  verify(
    tree: string,
    inputs: DigestInputs,
    context: RunContext,
    onProgress?: ProgressListener,
  ): Promise<VerifyOutcome> {
    return verifyUvTree(this.settings, tree, inputs, context, onProgress);
  }

  look(tree: string, inputs: DigestInputs): Promise<TreeFault | null> {
    return lookAtUvTree(tree, inputs);
  }

  inventory(tree: string, manifest: string): Promise<Inventory> {
    return inventoryUvTree(tree, manifest);
  }

  classify(failure: unknown): JobError {
    return classifyFailure(failure);
  }
}
