/** pixi behind the port. */
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
import { solvePixi } from './solve.js';
import { inventoryPixiTree } from './inventory.js';
import { lookAtPixiTree } from './look.js';
import { installPixiTree, writePixiTree } from './tree.js';
import { verifyPixiTree } from './verify.js';

/** Older ones write another form of lockfile. */
const OLDEST = '0.68.0';

const HOW_TO_INSTALL =
  'Install pixi, by your system’s packages or the installer on its web site (the worker notices by itself), or set DARB_PACKAGE_MANAGER_PIXI_PATH and restart the worker.';

export class PixiAdapter implements PackageManagerAdapter {
  readonly type = 'pixi';

  constructor(private readonly settings: PackageManagerSettings) {}

  async detect(): Promise<ManagerReport> {
    const report: ManagerReport = {
      type: 'pixi',
      available: false,
      version: null,
      path: null,
      reason: null,
      interpreters: [],
    };
    const tool = await locateTool(this.wish);
    if ('reason' in tool)
      return {
        ...report,
        path: tool.path,
        reason: `pixi is not available: ${tool.reason}. ${HOW_TO_INSTALL}`,
      };
    return { ...report, available: true, path: tool.path, version: tool.version };
  }

  fingerprint(): Promise<string> {
    return fingerprintOf(toolCandidates(this.wish));
  }

  private get wish(): ToolWish {
    return {
      name: 'pixi',
      configured: this.settings.toolPath,
      searchPath: this.settings.environment['PATH'] ?? '',
      variable: 'DARB_PACKAGE_MANAGER_PIXI_PATH',
      oldest: OLDEST,
    };
  }

  solve(request: SolveRequest, context: RunContext): Promise<Solution> {
    return solvePixi(this.settings, request, context);
  }

  writeTree(tree: string, inputs: DigestInputs): Promise<void> {
    return writePixiTree(tree, inputs);
  }

  install(
    tree: string,
    inputs: DigestInputs,
    context: RunContext,
    onProgress?: ProgressListener,
  ): Promise<void> {
    return installPixiTree(this.settings, tree, inputs, context, onProgress);
  }

  verify(
    tree: string,
    inputs: DigestInputs,
    context: RunContext,
    onProgress?: ProgressListener,
  ): Promise<VerifyOutcome> {
    return verifyPixiTree(this.settings, tree, inputs, context, onProgress);
  }

  look(tree: string, inputs: DigestInputs): Promise<TreeFault | null> {
    return lookAtPixiTree(tree, inputs);
  }

  inventory(tree: string, manifest: string): Promise<Inventory> {
    return inventoryPixiTree(tree, manifest);
  }

  classify(failure: unknown): JobError {
    return classifyFailure(failure);
  }
}
