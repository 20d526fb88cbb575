/** What a failed pixi call means. Exit code 1 says nothing (pixi 0.77): its text is told apart, each as it was recorded. */
import { DISK_FULL_MESSAGE, PERMISSION_MESSAGE } from '../classify.js';
import { PackageManagerError, type PackageManagerErrorCode } from '../errors.js';
import type { ToolResult } from '../port.js';
import { extractError, oneLine } from '../tool-process.js';

interface Rule {
  code: PackageManagerErrorCode;
  pattern: RegExp;
  message: string | ((match: RegExpExecArray) => string);
}

const RULES: Rule[] = [
  { code: 'disk_full', pattern: /No space left on device|os error (28|122)\b/, message: DISK_FULL_MESSAGE },
  {
    code: 'integrity',
    pattern: /hash mismatch when extracting (\S+)/,
    message: (match) =>
      `${match[1]} has another hash than the lockfile says. Somebody changed the file on the channel: do not install it before you know why.`,
  },
  {
    code: 'needs_source_build',
    pattern: /([A-Za-z0-9._-]+?)(?:==\S+)? has no usable wheels/,
    message: (match) =>
      `\`${match[1]}\` is only published as source, and nothing is built here. Choose a version with wheels, or a conda package.`,
  },
  {
    code: 'package_not_found',
    pattern: /([A-Za-z0-9._-]+) was not found in the package registry/,
    message: (match) => `There is no package \`${match[1]}\` on the index. Check the spelling.`,
  },
  {
    code: 'package_not_found',
    pattern: /Cannot solve the request because of: No candidates were found for ([A-Za-z0-9._-]+) \*/,
    message: (match) =>
      `There is no package \`${match[1]}\` in the channels of this environment. Check the spelling, or add a channel.`,
  },
  {
    code: 'unsatisfiable',
    pattern:
      /Cannot solve the request because of: No candidates were found for ([A-Za-z0-9._-]+) ([^.]+(?:\.[^.\s]+)*)/,
    message: (match) => `No version of \`${match[1]}\` fits ${match[2]!.trim()}. Loosen the version.`,
  },
  {
    code: 'python_unavailable',
    pattern: /No Python interpreter found in the dependencies/,
    message: 'PyPI packages need a Python: add `python` to the environment first.',
  },
  {
    code: 'unsatisfiable',
    pattern: /Cannot solve the request because of|failed to resolve pypi dependencies/,
    message:
      'These packages cannot be installed together: their requirements contradict each other. Loosen or remove one of the versions named below.',
  },
  {
    code: 'package_not_in_environment',
    pattern: /dependency `([^`]+)` was not found in dependencies|could not find a package named '([^']+)'/,
    message: (match) => `\`${match[1] ?? match[2]}\` is not in this environment.`,
  },
  {
    code: 'lockfile_outdated',
    pattern: /lock file (?:is )?not up-to-date/,
    message: 'The lockfile does not fit its manifest; run an update.',
  },
  {
    code: 'lockfile_invalid',
    pattern: /Failed to load lock file|Lock-file version \d+ is newer/,
    message: 'The lockfile cannot be read by this pixi. Leave it out and let Darb solve the manifest.',
  },
  {
    code: 'platform_unsupported',
    pattern: /unsupported-platform/,
    message:
      'The environment is not made for the platform of this worker. Add the platform to the environment.',
  },
  {
    code: 'index_unauthorized',
    pattern: /HTTP status client error \((401|403)/,
    message: 'The channel refused the credentials. Check the credentials of the organization.',
  },
  {
    code: 'spec_invalid',
    pattern:
      /unable to parse version spec|is not a valid package name|missing package name|Expected one of `@`/,
    message: 'pixi does not understand one of the packages; its message is below.',
  },
  {
    code: 'network',
    pattern:
      /Request failed after \d+ retries|error sending request|could not find subdir|HTTP status|no usable repodata|UnknownIssuer/,
    message:
      'The channel could not be reached, or does not exist. Check the channel, and network, proxy and certificates of the worker.',
  },
  {
    code: 'manifest_invalid',
    pattern: /\/pixi\.toml:\d+:\d+\]|Missing table in manifest|missing field/,
    message: 'pixi cannot read this manifest; the message below says where.',
  },
  {
    code: 'permission_denied',
    pattern: /Permission denied|Read-only file system|no writable layers/,
    message: PERMISSION_MESSAGE,
  },
];

/** The error for a pixi call that ended with an exit code other than 0. */
export function pixiFailure(result: Pick<ToolResult, 'exitCode' | 'stderr'>): PackageManagerError {
  const extract = extractError(result.stderr);
  if (result.exitCode === 2) {
    const message =
      'Darb called pixi in a way that this version does not understand; the worker’s pixi may be too old or too new.';
    return new PackageManagerError('internal_error', message, extract);
  }
  const text = oneLine(extract ?? '');
  for (const rule of RULES) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const message = typeof rule.message === 'string' ? rule.message : rule.message(match);
    return new PackageManagerError(rule.code, message, extract);
  }
  return new PackageManagerError(
    'tool_failed',
    `pixi ended with exit code ${result.exitCode}; its own message is below.`,
    extract,
  );
}
