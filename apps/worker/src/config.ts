import {
  configGroups,
  ConfigDefault,
  ConfigVariable,
  JoinTokenConfig,
  ServerConfig,
  ValkeyConfig,
} from '@darb/service-kit/edge';
import { IsBoolean, IsIn, IsInt, IsString, IsUrl, Matches, Max, MaxLength, Min } from 'class-validator';
import { hostname } from 'node:os';
import { MAX_ROOT_LENGTH } from './store/check-root.js';

const HTTP_URL = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

@ConfigDefault('port', 8084)
export class WorkerConfig extends configGroups(ServerConfig, ValkeyConfig, JoinTokenConfig) {
  @ConfigVariable({
    name: 'DARB_JOBS_URL',
    description: 'Where the jobs service is, as this worker reaches it.',
    default: 'http://127.0.0.1:8083',
  })
  @IsUrl(HTTP_URL, { message: 'must be an http(s) URL' })
  jobsUrl: string;

  @ConfigVariable({
    name: 'DARB_STORAGE_ROOT',
    description: `Absolute folder of caches, artifacts and environments, on a local disk, at most ${MAX_ROOT_LENGTH} characters.`,
  })
  @Matches(/^\//, { message: 'must be an absolute path' })
  @MaxLength(MAX_ROOT_LENGTH, {
    message: `must have at most ${MAX_ROOT_LENGTH} characters: installed files carry the path inside them`,
  })
  storageRoot: string;

  @ConfigVariable({
    name: 'DARB_STORAGE_ALLOW_NETWORK',
    description:
      'Whether the storage root may be on a network file system; files are then copied, not linked.',
    default: false,
  })
  @IsBoolean()
  storageAllowNetwork: boolean;

  @ConfigVariable({
    name: 'DARB_STORAGE_FREE_BYTES',
    description: 'Jobs are stopped when less than this is free on the storage root.',
    default: 512 * 1024 * 1024,
  })
  @IsInt()
  @Min(0)
  storageFreeBytes: number;

  @ConfigVariable({
    name: 'DARB_WORKER_CONCURRENCY',
    description: 'Jobs that run at the same time.',
    default: 2,
  })
  @IsInt()
  @Min(1)
  @Max(256)
  concurrency: number;

  @ConfigVariable({
    name: 'DARB_WORKER_SANDBOX',
    description: 'auto uses bubblewrap where it works; bwrap demands it; off runs tools without isolation.',
    default: 'auto',
  })
  @IsIn(['auto', 'bwrap', 'off'])
  sandbox: 'auto' | 'bwrap' | 'off';

  @ConfigVariable({
    name: 'DARB_WORKER_GRACE_SECONDS',
    description: 'How long running jobs may take to end after SIGTERM, before they are given back.',
    default: 20,
  })
  @IsInt()
  @Min(0)
  @Max(86_400)
  graceSeconds: number;

  @ConfigVariable({
    name: 'DARB_WORKER_NAME',
    description: 'Name for people; the host name by default.',
    default: hostname(),
    defaultText: "the host's name",
  })
  @IsString()
  @MaxLength(200)
  name: string;

  @ConfigVariable({
    name: 'DARB_WORKER_LABELS',
    description: 'Labels of this worker: key=value, separated by commas.',
    default: {},
    parse: parseLabels,
  })
  labels: Record<string, string>;

  @ConfigVariable({
    name: 'DARB_PACKAGE_MANAGER_UV_PATH',
    description: 'Path of uv; else looked for on PATH.',
    optional: true,
  })
  @Matches(/^\//, { message: 'must be an absolute path' })
  uvPath?: string;

  @ConfigVariable({
    name: 'DARB_PACKAGE_MANAGER_UV_PYTHON_PATH',
    description: 'More places to look for Python interpreters, separated by colons.',
    default: [],
    parse: parsePaths,
  })
  uvPythonPath: string[];

  @ConfigVariable({
    name: 'DARB_PACKAGE_MANAGER_UV_INDEX_URL',
    description: "Package index for uv on this worker; unset is uv's own default.",
    optional: true,
    secret: true,
  })
  @IsUrl(HTTP_URL, { message: 'must be an http(s) URL' })
  uvIndexUrl?: string;

  @ConfigVariable({
    name: 'DARB_PACKAGE_MANAGER_PIXI_PATH',
    description: 'Path of pixi; else looked for on PATH.',
    optional: true,
  })
  @Matches(/^\//, { message: 'must be an absolute path' })
  pixiPath?: string;
}

function parsePaths(text: string): string[] {
  return text.split(':').filter(Boolean);
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of text.split(',').map((part) => part.trim())) {
    if (pair === '') continue;
    const match = /^([\w./-]+)=([\w./-]*)$/.exec(pair);
    if (!match)
      throw new Error(`DARB_WORKER_LABELS is "${text}": it must be key=value pairs separated by commas.`);
    labels[match[1]!] = match[2]!;
  }
  return labels;
}
