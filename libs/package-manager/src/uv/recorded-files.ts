/** What the packages of an environment say that they brought, put together: a path may have several owners. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { PackageManagerError } from '../errors.js';
import { readRecord, type Distribution } from '../python/dist-info.js';
import { checkFilesNow, type ExpectedFile, type FileFault } from '../trees/hashing.js';

interface OwnedFile {
  owners: string[];
  /** Different ones only. */
  variants: ExpectedFile[];
}

/** Every recorded path once, with what may be there. */
export class RecordedFiles {
  private readonly files = new Map<string, OwnedFile>();

  private constructor(private readonly prefix: string) {}

  static async read(installed: Distribution[], prefix: string): Promise<RecordedFiles> {
    const recorded = new RecordedFiles(prefix);
    const unreadable: string[] = [];
    // One after the other: a record may have megabytes.
    for (const distribution of installed) {
      const entries = await readRecord(distribution, prefix);
      if (entries === null) unreadable.push(distribution.name);
      for (const { path: file, algorithm, digest } of entries ?? [])
        recorded.add(distribution.name, { path: file, algorithm, digest });
    }
    if (unreadable.length === 0) return recorded;
    throw new PackageManagerError(
      'verification_failed',
      `The record of files of ${unreadable.join(', ')} is missing, too long, or names files outside of the environment.`,
    );
  }

  private add(owner: string, file: ExpectedFile): void {
    const known = this.files.get(file.path);
    if (known === undefined) {
      this.files.set(file.path, { owners: [owner], variants: [file] });
      return;
    }
    if (!known.owners.includes(owner)) known.owners.push(owner);
    if (!known.variants.some((one) => one.digest === file.digest)) known.variants.push(file);
  }

  get count(): number {
    return this.files.size;
  }

  /** Files that can only be one thing. */
  get plain(): ExpectedFile[] {
    return [...this.files.values()].flatMap((one) => (one.variants.length === 1 ? one.variants : []));
  }

  ownersOf(file: string): string[] {
    return this.files.get(file)?.owners ?? [];
  }

  /** Paths that several packages bring with different contents: the last one unpacked is there, which may be any. */
  checkShared(): { faults: FileFault[]; warnings: string[] } {
    const faults: FileFault[] = [];
    const warnings: string[] = [];
    for (const [file, { owners, variants }] of this.files) {
      if (variants.length < 2) continue;
      const isPlain = lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
      const isOneOfThem =
        isPlain && variants.some((one) => one.digest === null || checkFilesNow([one]).length === 0);
      if (!isOneOfThem) faults.push({ path: file, fault: 'has other contents than recorded' });
      const names = owners.toSorted().join(' and ');
      warnings.push(
        `${names} both bring ${path.relative(this.prefix, file)} with different contents; only one of them is there, and which one can change with every installation.`,
      );
    }
    return { faults, warnings: warnings.toSorted() };
  }
}
