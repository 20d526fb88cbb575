import { formatBytes, plural } from './format';

/** What work on a store came to, in a sentence. */

interface StoreWork {
  type: string;
  change?: { dry_run?: boolean } | null;
  result: Record<string, unknown> | null;
}

export function resultSentence({ type, change, result }: StoreWork): string | null {
  if (result === null) return null;
  if (type === 'collect') return change?.dry_run === true ? previewOf(result) : collectionOf(result);
  if (type === 'verify') return verificationOf(result);
  return type === 'repair' ? repairOf(result) : null;
}

/** "Deleted 12 unused trees and freed 3.4 GB." */
export function collectionOf(result: Record<string, unknown>): string {
  const trees = count(result, 'trees') + count(result, 'unknown_trees');
  if (trees === 0) return 'There was nothing to delete.';
  const freed = result['freed_bytes'];
  return `Deleted ${plural(trees, 'unused tree')}${typeof freed === 'number' ? ` and freed ${formatBytes(freed)}` : ''}.`;
}

function previewOf(result: Record<string, unknown>): string {
  const [trees, unknown] = [count(result, 'trees'), count(result, 'unknown_trees')];
  if (trees + unknown === 0) return 'A collection would delete nothing now.';
  const bytes = result['bytes'];
  const size = typeof bytes === 'number' ? ` (${formatBytes(bytes)})` : '';
  const others = unknown > 0 ? `, ${plural(unknown, 'folder')} of which Darb does not know` : '';
  return `A collection would delete ${plural(trees + unknown, 'tree')}${size}${others}. Nothing was deleted; the log has their names.`;
}

function verificationOf(result: Record<string, unknown>): string {
  const damaged = count(result, 'damaged');
  const links = count(result, 'links_restored');
  const found = damaged === 0 ? 'none is damaged' : `${damaged.toLocaleString('en')} damaged, to be rebuilt`;
  const restored =
    links > 0
      ? ` ${plural(links, 'link')} pointed elsewhere and ${links === 1 ? 'was' : 'were'} put right.`
      : '';
  return `${plural(count(result, 'checked'), 'tree')} checked, ${found}.${restored}`;
}

function repairOf(result: Record<string, unknown>): string {
  const failed = Array.isArray(result['failed']) ? result['failed'].length : 0;
  const rest = failed > 0 ? ` ${plural(failed, 'tree')} could not be rebuilt; the log says why.` : '';
  return `Rebuilt ${plural(count(result, 'rebuilt'), 'damaged tree')}.${rest}`;
}

function count(result: Record<string, unknown>, name: string): number {
  const value = result[name];
  return typeof value === 'number' ? value : 0;
}
