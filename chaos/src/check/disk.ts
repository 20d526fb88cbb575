/** What lies on disk against what the database says: links, trees, scratch folders, processes. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Findings } from '../findings.js';
import { processesBelow } from '../stage/processes.js';
import type { Disk } from '../stage/disks.js';
import type { Snapshot, TreeRow } from './database.js';

export interface DiskFacts {
  disks: readonly Disk[];
  /** Most scratch folders and unknown trees that may be left. */
  leftoverLimit: number;
}

export async function checkDisk(rows: Snapshot, facts: DiskFacts, findings: Findings): Promise<void> {
  for (const tree of rows.trees) checkTree(tree, findings);
  checkCurrent(rows, findings);
  checkDeleted(rows, facts, findings);
  await checkLeftovers(rows, facts, findings);
}

/** The tree of a published revision holds exactly the packages of the revision, and all of their files. */
function checkTree(
  { environment_id, number, store_root, path, packages }: TreeRow,
  findings: Findings,
): void {
  const what = `The tree of revision ${number} of environment ${environment_id} (${path})`;
  const tree = join(store_root, path);
  const sitePackages = sitePackagesOf(tree);
  findings.expect(6, sitePackages !== null, `${what} is not there or has no Python.`);
  if (sitePackages === null) return;
  const installed = readdirSync(sitePackages)
    .filter((name) => name.endsWith('.dist-info'))
    .map((name) => name.slice(0, -'.dist-info'.length).toLowerCase().replaceAll('_', '-'))
    .sort();
  const expected = (packages ?? []).map(({ name, version }) => `${name}-${version}`.toLowerCase()).sort();
  findings.expect(
    6,
    installed.join() === expected.join(),
    `${what} holds other packages than its revision.`,
    {
      installed,
      expected,
    },
  );
  const faults = missingFiles(sitePackages);
  findings.expect(6, faults.length === 0, `${what} lacks files of its packages.`, faults.slice(0, 10));
}

function sitePackagesOf(tree: string): string | null {
  const library = join(tree, '.venv/lib');
  const python = existsSync(library) && readdirSync(library).find((name) => name.startsWith('python3'));
  const folder = python ? join(library, python, 'site-packages') : '';
  return folder && existsSync(folder) ? folder : null;
}

/** Files that a RECORD names with a size and that are not there in that size. */
function missingFiles(sitePackages: string): string[] {
  const records = readdirSync(sitePackages).filter((name) => name.endsWith('.dist-info'));
  return records.flatMap((name) => {
    const record = join(sitePackages, name, 'RECORD');
    if (!existsSync(record)) return [record];
    const lines = readFileSync(record, 'utf8').split('\n').filter(Boolean);
    return lines.flatMap((line) => {
      const [path, , size] = line.split(',');
      const file = join(sitePackages, path!);
      if (!size || !existsSync(file)) return size ? [file] : [];
      return statSync(file).size === Number(size) ? [] : [file];
    });
  });
}

/** On the store where the published revision lies, `current` is that revision. */
function checkCurrent(rows: Snapshot, findings: Findings): void {
  const published = new Map<string, TreeRow[]>();
  for (const tree of rows.trees) {
    const known = published.get(tree.environment_id);
    if (known) known.push(tree);
    else published.set(tree.environment_id, [tree]);
  }
  for (const [environmentId, trees] of published) {
    const links = trees.map(({ store_root }) =>
      readLink(join(store_root, 'environments', environmentId, 'current')),
    );
    const expected = `revisions/${trees[0]!.number}`;
    findings.expect(
      5,
      links.includes(expected),
      `\`current\` of environment ${environmentId} is ${links.join(', ')}, published is ${expected}.`,
    );
  }
  for (const { id, published_revision, deleted_at } of rows.environments) {
    if (published_revision === null || deleted_at !== null) continue;
    const text = `Revision ${published_revision} of environment ${id} is published, and no store has its tree.`;
    findings.expect(6, published.has(id), text);
  }
}

function checkDeleted(rows: Snapshot, { disks }: DiskFacts, findings: Findings): void {
  for (const { id } of rows.environments.filter(({ deleted_at }) => deleted_at !== null)) {
    const left = disks
      .map(({ folder }) => join(folder, 'environments', id))
      .filter((folder) => existsSync(folder));
    findings.expect(
      8,
      left.length === 0,
      `Environment ${id} is deleted, and its folder is still there.`,
      left,
    );
  }
}

async function checkLeftovers(
  rows: Snapshot,
  { disks, leftoverLimit }: DiskFacts,
  findings: Findings,
): Promise<void> {
  const known = new Set(rows.knownTrees.map(({ store_root, path }) => join(store_root, path)));
  for (const disk of disks) {
    const processes = processesBelow(disk.folder).filter(({ program }) => !program.startsWith('node'));
    findings.expect(8, processes.length === 0, `Tools still run on ${basename(disk.folder)}.`, processes);
    const scratch = scratchFolders(disk.folder);
    findings.expect(
      8,
      scratch.length <= leftoverLimit,
      `${scratch.length} scratch folders are left on ${basename(disk.folder)}; at most ${leftoverLimit} may be.`,
      scratch,
    );
    const unknown = (await disk.trees()).filter((tree) => !known.has(tree));
    findings.expect(
      8,
      unknown.length <= leftoverLimit,
      `${unknown.length} trees on ${basename(disk.folder)} are known to nobody; at most ${leftoverLimit} may be.`,
      unknown,
    );
  }
}

/** `pools/<pool>/scratch/<worker>/<job>-<epoch>` */
function scratchFolders(store: string): string[] {
  const children = (folder: string) => {
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  };
  const workers = children(join(store, 'pools')).flatMap((pool) => children(join(pool, 'scratch')));
  return workers.flatMap(children).filter((path) => /-\d+$/.test(path));
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
