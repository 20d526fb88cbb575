/** What an installed conda package says of itself: one JSON file in `conda-meta`. Read, never run. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isTable, type Table } from '../manifests/toml.js';
import { cleanField, MAX_LICENSE, MAX_NAME, MAX_VERSION } from '../outside-text.js';
import type { ExpectedFile } from '../trees/hashing.js';
import { readWholeText } from '../trees/read-bounded.js';

/** A package of 100,000 files records some 300 bytes for each. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024;
const MAX_PATH = 4096;

export interface CondaRecord {
  name: string;
  version: string;
  build: string;
  sha256: string | null;
  /** Last part of the channel's address, for example `conda-forge`. */
  channel: string | null;
  license: string | null;
  /** Installed size where it is recorded, else the archive's. */
  sizeBytes: number | null;
  files: ExpectedFile[];
  /** True when a path of the record leaves the prefix. */
  escapes: boolean;
}

/** A JSON text may spell a NUL or half a surrogate pair, so each field is cleaned after parsing. */
function textOf(value: unknown, maxLength = MAX_PATH): string | null {
  return typeof value === 'string' && value !== '' ? cleanField(value, maxLength) : null;
}

function channelName(value: unknown): string | null {
  const name = textOf(value)?.replace(/\/+$/, '').split('/').pop();
  return name === undefined ? null : cleanField(name, MAX_NAME);
}

function readPaths(
  record: Table,
  prefix: string,
): { files: ExpectedFile[]; size: number | null; escapes: boolean } {
  const data = record['paths_data'];
  const list = isTable(data) && Array.isArray(data['paths']) ? data['paths'].filter(isTable) : [];
  const files: ExpectedFile[] = [];
  let size: number | null = null;
  let escapes = false;
  for (const item of list) {
    const relative = textOf(item['_path']) ?? '';
    const absolute = path.resolve(prefix, relative);
    if (!absolute.startsWith(`${prefix}/`)) {
      escapes = true;
      continue;
    }
    // A file with the prefix written into it has another hash than in the archive.
    const isRewritten = item['prefix_placeholder'] !== undefined && item['prefix_placeholder'] !== null;
    const digest = textOf(item['sha256_in_prefix']) ?? (isRewritten ? null : textOf(item['sha256']));
    const isLink = item['path_type'] === 'softlink';
    files.push({ path: absolute, algorithm: 'sha256', digest: isLink ? null : digest });
    if (typeof item['size_in_bytes'] === 'number') size = (size ?? 0) + item['size_in_bytes'];
  }
  return { files, size, escapes };
}

function toRecord(json: unknown, prefix: string): CondaRecord | null {
  if (!isTable(json)) return null;
  const [name, version, build] = [
    textOf(json['name'], MAX_NAME),
    textOf(json['version'], MAX_VERSION),
    textOf(json['build'], MAX_VERSION),
  ];
  if (name === null || version === null || build === null) return null;
  const { files, size, escapes } = readPaths(json, prefix);
  return {
    name,
    version,
    build,
    sha256: textOf(json['sha256']),
    channel: channelName(json['channel']),
    license: textOf(json['license'], MAX_LICENSE),
    sizeBytes: size ?? (typeof json['size'] === 'number' ? json['size'] : null),
    files,
    escapes,
  };
}

/** Every record of a prefix, by name; null when the prefix has no `conda-meta`. */
export async function readCondaRecords(prefix: string): Promise<CondaRecord[] | null> {
  const folder = path.join(prefix, 'conda-meta');
  const names = await readdir(folder).catch(() => null);
  if (names === null) return null;
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const text = await readWholeText(path.join(folder, name), MAX_RECORD_BYTES);
        try {
          return text === null ? null : toRecord(JSON.parse(text), prefix);
        } catch {
          return null;
        }
      }),
  );
  return records
    .filter((one) => one !== null)
    .toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}
