import { createHash } from 'node:crypto';
import { tarGz, zip } from './archives.js';
import type { ArchiveEntry } from './archives.js';

/** What a package of the local index is made of. */
export interface PackageDescription {
  name: string;
  version: string;
  /** Requirements, PEP 508. */
  requires?: string[];
  requiresPython?: string;
  summary?: string;
  /** SPDX expression (metadata 2.4). */
  licenseExpression?: string;
  /** The older ways to name a licence. */
  license?: string;
  classifiers?: string[];
  /** Console scripts, name → object reference, for example `{hello: 'pkg:main'}`. */
  scripts?: Record<string, string>;
  /** Files next to the package's own module, paths relative to site-packages. */
  files?: ArchiveEntry[];
  /** `sdist`: only a source distribution exists; building it would leave `sdist-was-built` in the build folder. */
  kind?: 'wheel' | 'sdist';
  /** Replaces headers of METADATA as they are, for packages that say of themselves what they should not. */
  headers?: Record<string, string>;
  /** What RECORD says of a path in place of its digest, for example `sha256=…`. */
  recordedDigests?: Record<string, string>;
  /** More lines of RECORD, whatever they say. */
  extraRecord?: string[];
  /** Text below the headers. */
  body?: string;
  /** Withdrawn by its author, PEP 592. */
  yanked?: boolean;
}

export interface Distribution {
  description: PackageDescription;
  filename: string;
  data: Buffer;
  /** Hex. */
  sha256: string;
  /** The METADATA file, served beside the archive (PEP 658). */
  metadata: Buffer;
}

/** The name as URLs have it, PEP 503. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function metadataOf(description: PackageDescription): string {
  const header = (name: string, value: string | undefined) => {
    const text = description.headers?.[name] ?? value;
    return text ? [`${name}: ${text}`] : [];
  };
  return [
    'Metadata-Version: 2.4',
    ...header('Name', description.name),
    ...header('Version', description.version),
    ...header('Summary', description.summary),
    ...header('License-Expression', description.licenseExpression),
    ...header('License', description.license),
    ...(description.classifiers ?? []).map((classifier) => `Classifier: ${classifier}`),
    ...header('Requires-Python', description.requiresPython),
    ...(description.requires ?? []).map((requirement) => `Requires-Dist: ${requirement}`),
    '',
    description.body ?? '',
  ].join('\n');
}

function recordLine(entry: ArchiveEntry, description: PackageDescription): string {
  const data = Buffer.from(entry.data);
  const digest = `sha256=${createHash('sha256').update(data).digest('base64url')}`;
  return `${entry.path},${description.recordedDigests?.[entry.path] ?? digest},${data.length}`;
}

function wheelEntries(description: PackageDescription): ArchiveEntry[] {
  const module = normalizeName(description.name).replaceAll('-', '_');
  const info = `${module}-${description.version}.dist-info`;
  const scripts = Object.entries(description.scripts ?? {}).map(([name, target]) => `${name} = ${target}`);
  const entries: ArchiveEntry[] = [
    {
      path: `${module}/__init__.py`,
      data: `__version__ = "${description.version}"\n\n\ndef main():\n    print("${description.name} ${description.version}")\n`,
    },
    ...(description.files ?? []),
    { path: `${info}/METADATA`, data: metadataOf(description) },
    {
      path: `${info}/WHEEL`,
      data: 'Wheel-Version: 1.0\nGenerator: darb-testing\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    },
    ...(scripts.length > 0
      ? [{ path: `${info}/entry_points.txt`, data: `[console_scripts]\n${scripts.join('\n')}\n` }]
      : []),
    ...(description.licenseExpression
      ? [{ path: `${info}/licenses/LICENSE`, data: `Licensed under ${description.licenseExpression}.\n` }]
      : []),
  ];
  const more = description.extraRecord ?? [];
  const lines = entries.map((entry) => recordLine(entry, description));
  const record = [...lines, ...more, `${info}/RECORD,,`, ''].join('\n');
  return [...entries, { path: `${info}/RECORD`, data: record }];
}

function sdistEntries(description: PackageDescription): ArchiveEntry[] {
  const folder = `${normalizeName(description.name).replaceAll('-', '_')}-${description.version}`;
  const setup = [
    'from setuptools import setup',
    'open("sdist-was-built", "w").close()',
    `setup(name="${description.name}", version="${description.version}")`,
  ];
  return [
    { path: `${folder}/PKG-INFO`, data: metadataOf(description) },
    { path: `${folder}/setup.py`, data: `${setup.join('\n')}\n` },
    {
      path: `${folder}/pyproject.toml`,
      data: '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    },
  ];
}

/** Makes the archive of a package: the same description, the same bytes. */
export function buildDistribution(description: PackageDescription): Distribution {
  const module = normalizeName(description.name).replaceAll('-', '_');
  const isSdist = description.kind === 'sdist';
  const data = isSdist ? tarGz(sdistEntries(description)) : zip(wheelEntries(description));
  const suffix = isSdist ? '.tar.gz' : '-py3-none-any.whl';
  return {
    description,
    filename: `${module}-${description.version}${suffix}`,
    data,
    sha256: createHash('sha256').update(data).digest('hex'),
    metadata: Buffer.from(metadataOf(description)),
  };
}
