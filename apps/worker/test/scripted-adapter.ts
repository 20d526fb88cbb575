import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobError, ManagerReport } from '@darb/models';
import {
  PackageManagerError,
  type DigestInputs,
  type Inventory,
  type PackageManagerAdapter,
  type RunContext,
  type Solution,
  type SolveRequest,
  type TreeFault,
  type VerifyOutcome,
} from '@darb/package-manager';

/** A package manager whose solving and installing are shell scripts of the test: for what is the worker's own part. */
export class ScriptedAdapter implements PackageManagerAdapter {
  readonly type = 'uv' as const;
  solveScript = 'echo solved';
  installScript = 'echo installed > tree.txt';
  builds = 0;
  lockfile = 'lock 1';

  async detect(): Promise<ManagerReport> {
    return { type: 'uv', available: true, version: '0.0.1', path: '/bin/sh', reason: null, interpreters: [] };
  }

  async fingerprint(): Promise<string> {
    return 'always the same';
  }

  async solve(request: SolveRequest, context: RunContext): Promise<Solution> {
    await this.sh(this.solveScript, context.scratch, 'solve', context);
    const digestInputs = { lockfile: this.lockfile } as DigestInputs;
    return {
      manifest: `name = ${request.environmentName}`,
      lockfile: this.lockfile,
      digestInputs,
      digest: createHash('sha256').update(this.lockfile).digest('hex'),
      toolVersion: '0.0.1',
      packages: [{ name: 'a', version: '1', kind: 'pypi', build: null }],
    };
  }

  async writeTree(tree: string, inputs: DigestInputs): Promise<void> {
    await mkdir(tree);
    await writeFile(join(tree, 'lock'), inputs.lockfile);
  }

  async install(tree: string, _inputs: DigestInputs, context: RunContext): Promise<void> {
    this.builds++;
    await this.sh(this.installScript, tree, 'install', context);
  }

  async verify(): Promise<VerifyOutcome> {
    return { filesChecked: 1, warnings: [] };
  }

  /** What is found wrong with trees that are there already. */
  treeFault: TreeFault | null = null;

  async look(): Promise<TreeFault | null> {
    return this.treeFault;
  }

  async inventory(tree: string): Promise<Inventory> {
    const text = await readFile(join(tree, 'tree.txt'), 'utf8');
    return { packages: [], sizeBytes: text.length, fileCount: 2, pythonVersion: null };
  }

  classify(failure: unknown): JobError {
    if (failure instanceof PackageManagerError) return failure.toJobError();
    return { code: 'internal_error', family: 'bug', message: String(failure), extract: null };
  }

  private async sh(
    script: string,
    cwd: string,
    phase: 'solve' | 'install',
    context: RunContext,
  ): Promise<void> {
    const result = await context.run({
      file: '/bin/sh',
      args: ['-c', script],
      cwd,
      env: { PATH: '/usr/bin:/bin' },
      phase,
      readable: [],
    });
    if (result.cancelled) throw new PackageManagerError('cancelled', 'It was cancelled.');
    if (result.exitCode !== 0)
      throw new PackageManagerError('tool_failed', 'The script failed.', result.stderr);
  }
}
