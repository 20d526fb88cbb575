/** What an installed Python package says of itself: `*.dist-info` with METADATA and RECORD. Read, never imported. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExpectedFile } from '../trees/hashing.js';
import { cleanField, cleanText, MAX_LICENSE, MAX_NAME, MAX_VERSION } from '../outside-text.js';
import { normalizeName } from '../specs/text.js';
import { readBounded, readWholeText } from '../trees/read-bounded.js';

const MAX_HEADER_BYTES = 1024 * 1024;
/** More than 100,000 files. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

export interface Distribution {
  /** Normalised. */
  name: string;
  version: string;
  license: string | null;
  /** Absolute path of the `.dist-info` folder. */
  folder: string;
}

export interface RecordEntry extends ExpectedFile {
  /** As recorded; null where the RECORD leaves it out. */
  sizeBytes: number | null;
}

/** `lib/python3.12/site-packages` of an environment; null when it has none. */
export async function sitePackagesOf(prefix: string): Promise<string | null> {
  const names = await readdir(path.join(prefix, 'lib')).catch(() => []);
  const python = names.find((name) => /^(python|pypy)3\.\d+t?$/.test(name));
  return python === undefined ? null : path.join(prefix, 'lib', python, 'site-packages');
}

/** The normalised name of the package that a folder `name-version.dist-info` is of; null for any other entry. */
export function distributionName(entry: string): string | null {
  const name = /^([^-]+)-.+\.dist-info$/.exec(entry)?.[1];
  return name === undefined ? null : normalizeName(name);
}

/** Header fields of METADATA; the body (a long description) is not looked at. */
function parseHeaders(text: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  let last: string[] | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break;
    const field = /^([A-Za-z-]+):\s?(.*)$/.exec(line);
    if (field === null || /^\s/.test(line)) {
      if (last !== null && last.length > 0) last[last.length - 1] += `\n${line.trim()}`;
      continue;
    }
    const name = field[1]!.toLowerCase();
    last = headers.get(name) ?? [];
    last.push(field[2]!);
    headers.set(name, last);
  }
  return headers;
}

/** License-Expression is exact; License may be a whole licence text; classifiers are the oldest way. */
function licenseOf(headers: Map<string, string[]>): string | null {
  const expression = headers.get('license-expression')?.[0]?.trim();
  if (expression) return expression;
  const text = headers.get('license')?.[0]?.trim() ?? '';
  if (text !== '' && text !== 'UNKNOWN' && text.length <= 100 && !text.includes('\n')) return text;
  const classifiers = (headers.get('classifier') ?? [])
    .filter((item) => item.startsWith('License ::'))
    .map((item) => item.split('::').pop()!.trim())
    .filter((item) => item !== 'OSI Approved');
  if (classifiers.length > 0) return classifiers.join(' OR ');
  const firstLine = text.split('\n')[0]!.trim();
  return firstLine === '' || firstLine === 'UNKNOWN' ? null : firstLine.slice(0, 100);
}

async function readDistribution(folder: string): Promise<Distribution | null> {
  // Cut: the headers stand at the beginning, behind them a description of any length.
  const found = await readBounded(path.join(folder, 'METADATA'), MAX_HEADER_BYTES);
  if (found === null) return null;
  const headers = parseHeaders(cleanText(found.bytes.toString('utf8')));
  const name = headers.get('name')?.[0]?.trim();
  const version = headers.get('version')?.[0]?.trim();
  if (name === undefined || version === undefined) return null;
  const license = licenseOf(headers);
  return {
    name: normalizeName(cleanField(name, MAX_NAME)),
    version: cleanField(version, MAX_VERSION),
    license: license === null ? null : cleanField(license, MAX_LICENSE),
    folder,
  };
}

/** Every package of a `site-packages` folder, by name. One without readable METADATA is left out. */
export async function readDistributions(sitePackages: string): Promise<Distribution[]> {
  const names = await readdir(sitePackages).catch(() => []);
  const folders = names
    .filter((name) => name.endsWith('.dist-info'))
    .map((name) => path.join(sitePackages, name));
  const found = await Promise.all(folders.map(readDistribution));
  return found
    .filter((one) => one !== null)
    .toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

/** One line of a RECORD: `path,algorithm=digest,size`; the path may be quoted. */
function splitLine(line: string): [path: string, hash: string, size: string] | null {
  const match = /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*),([^,]*)$/.exec(line.trim());
  if (match === null) return null;
  return [(match[1]?.replaceAll('""', '"') ?? match[2])!, match[3]!, match[4]!];
}

const HASH = /^(sha256|sha384|sha512)=([A-Za-z0-9_+/-]+)=*$/;
const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * `algorithm=digest` of a RECORD: url-safe base64 as the standard has it, and hexadecimal as some build tools wrote it,
 * which its length tells apart. Null: nothing that could be compared, so only presence counts.
 */
function readDigest(recorded: string): (Pick<ExpectedFile, 'algorithm'> & { digest: string }) | null {
  const match = HASH.exec(recorded);
  if (match === null) return null;
  const algorithm = match[1] as ExpectedFile['algorithm'];
  const text = match[2]!;
  const bytes = DIGEST_BYTES[algorithm];
  if (text.length === bytes * 2 && /^[0-9a-f]+$/i.test(text))
    return { algorithm, digest: text.toLowerCase() };
  const decoded = Buffer.from(text, 'base64url');
  return decoded.length === bytes ? { algorithm, digest: decoded.toString('hex') } : null;
}

/**
 * The files of one package. Paths are relative to `site-packages` and may point at `bin/` beside it, but never out
 * of `prefix`. Null when there is no RECORD or one of its paths leaves the prefix.
 */
export async function readRecord(distribution: Distribution, prefix: string): Promise<RecordEntry[] | null> {
  const sitePackages = path.dirname(distribution.folder);
  const text = await readWholeText(path.join(distribution.folder, 'RECORD'), MAX_RECORD_BYTES);
  if (text === null) return null;
  const entries: RecordEntry[] = [];
  for (const line of text.split('\n')) {
    const fields = splitLine(line);
    if (fields === null) continue;
    const [name, recorded, size] = fields;
    // Files of `.data` folders are moved when a wheel is unpacked; installers record them at their new place as well.
    if (/^[^/]+\.data\//.test(name)) continue;
    const absolute = path.resolve(sitePackages, name);
    if (!absolute.startsWith(`${prefix}/`)) return null;
    const hash = readDigest(recorded);
    // Bytecode is recorded by some wheels and written by none of our installs.
    if (hash === null && /\.pyc$|__pycache__/.test(name)) continue;
    entries.push({
      path: absolute,
      algorithm: hash?.algorithm ?? 'sha256',
      digest: hash?.digest ?? null,
      sizeBytes: /^\d+$/.test(size) ? Number(size) : null,
    });
  }
  return entries;
}
