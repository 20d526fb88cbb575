/** What a failed uv call means, told from its exit code and its text (uv 0.13; every pattern was seen or is tested). */
import { DISK_FULL_MESSAGE, PERMISSION_MESSAGE } from '../classify.js';
import { PackageManagerError, type PackageManagerErrorCode } from '../errors.js';
import type { ToolResult } from '../port.js';
import { extractError, oneLine } from '../tool-process.js';

interface Rule {
  code: PackageManagerErrorCode;
  pattern: RegExp;
  message: string | ((match: RegExpExecArray) => string);
}

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]*';

const UNAUTHORIZED_MESSAGE =
  'The package index refused the credentials. Check the index credentials of the organization.';

/** Trouble of the machine or the network comes first: it can hide inside of any other message. */
const OPERATIONAL_RULES: Rule[] = [
  {
    code: 'disk_full',
    pattern: /No space left on device|Disk quota exceeded|os error (28|122)\b/,
    message: DISK_FULL_MESSAGE,
  },
  {
    code: 'integrity',
    pattern: /Hash mismatch for `([^`]+)`/,
    message: (match) =>
      `${match[1]} has another hash than the lockfile says. Somebody changed the file on the index: do not install it before you know why.`,
  },
  {
    code: 'index_unauthorized',
    pattern: /status client error \(40[13]|HTTP status.*40[13] |401 Unauthorized|403 Forbidden/,
    message: UNAUTHORIZED_MESSAGE,
  },
  {
    code: 'network',
    pattern:
      /error sending request|Request failed after|Failed to (fetch|download|connect)|dns error|[Cc]onnection (refused|reset)|operation timed out|status server error|UnknownIssuer|invalid peer certificate/,
    message:
      'The package index could not be reached. Check the network, proxy and certificates of the worker; then try again.',
  },
  {
    code: 'permission_denied',
    pattern: /Permission denied|Read-only file system|os error (13|30)\b/,
    message: PERMISSION_MESSAGE,
  },
];

const RESOLUTION_RULES: Rule[] = [
  {
    code: 'index_unauthorized',
    pattern: /could not be queried due to a lack of valid authentication|40[13] (?:Unauthorized|Forbidden)/,
    message: UNAUTHORIZED_MESSAGE,
  },
  {
    code: 'package_not_found',
    pattern: new RegExp(`(${NAME}) was not found in the package registry`),
    message: (match) => `There is no package \`${match[1]}\` on the index. Check the spelling.`,
  },
  {
    code: 'package_invalid',
    pattern: new RegExp(`[Bb]ecause (${NAME})==(\\S+) has invalid metadata and only \\1`),
    message: (match) =>
      `\`${match[1]}\` ${match[2]} describes itself in a way that uv does not understand; its message is below. Choose another version.`,
  },
  {
    code: 'needs_source_build',
    pattern: new RegExp(
      `[Bb]ecause (?:all versions of )?(${NAME})\\S* ha(?:s|ve) no usable wheels and (?:only \\1|(?:all versions of )?\\S+(?: \\S+)? depends? on)`,
    ),
    message: (match) => needsBuild(match[1]!),
  },
  {
    code: 'needs_source_build',
    pattern: new RegExp(`only (${NAME})\\S* (?:is|are) available and \\1\\S* ha(?:s|ve) no usable wheels`),
    message: (match) => needsBuild(match[1]!),
  },
  {
    code: 'unsatisfiable',
    pattern: new RegExp(
      `requested Python version \\(([^)]+)\\) does not satisfy Python(\\S+) and (?:all versions of )?(${NAME})`,
    ),
    message: (match) =>
      `\`${match[3]}\` needs Python ${match[2]}, this environment is for ${match[1]}. Choose another version of it, or another Python.`,
  },
  {
    code: 'unsatisfiable',
    pattern: new RegExp(`only (${NAME}?)([=<>~!]\\S*) is available and your project depends on \\1`),
    message: (match) =>
      `No version of \`${match[1]}\` fits: only ${match[1]}${match[2]} is available. Loosen the version.`,
  },
  {
    code: 'unsatisfiable',
    pattern: new RegExp(`(${NAME})\\S* has no wheels with a matching (Python|platform)`),
    message: (match) =>
      `\`${match[1]}\` has no wheel for this ${match[2] === 'Python' ? 'Python' : 'platform'} in that version. Choose another version, or another Python.`,
  },
  {
    code: 'unsatisfiable',
    pattern: /No solution found|requirements are unsatisfiable/,
    message:
      'These packages cannot be installed together: their requirements contradict each other. Loosen or remove one of the versions named below.',
  },
];

const OTHER_RULES: Rule[] = [
  {
    code: 'needs_source_build',
    pattern: /Distribution `([^=`]+)==\S* @ .*no-build/,
    message: (match) =>
      `\`${match[1]}\` has no wheel for this platform and Python, and nothing is built here. Choose another version, or a package that replaces it.`,
  },
  {
    code: 'package_not_in_environment',
    pattern: /dependency `([^`]+)` could not be found/,
    message: (match) => `\`${match[1]}\` is not among the packages that were asked for.`,
  },
  {
    code: 'python_unavailable',
    pattern:
      /No interpreter found|interpreter not found|resolved to Python \S+ which is incompatible|Failed to inspect Python interpreter|Querying Python at/,
    message:
      'The Python of this environment cannot be used on this worker. Have it installed again, or choose another.',
  },
  {
    code: 'lockfile_invalid',
    pattern: /Failed to parse `uv\.lock`|lockfile .*could not be parsed|unsupported schema version/,
    message: 'The lockfile cannot be read by this uv. Leave it out and let Darb solve the manifest.',
  },
  {
    code: 'lockfile_outdated',
    pattern: /lockfile .*needs to be updated|Unable to find lockfile/,
    message: 'The lockfile does not fit its manifest; run an update.',
  },
  {
    code: 'manifest_invalid',
    pattern: /Failed to parse[^.]*pyproject\.toml|No `project` table/,
    message: 'uv cannot read this manifest; the message below says where.',
  },
  {
    code: 'internal_error',
    pattern: /unexpected argument|invalid value .* for|For more information, try '--help'/,
    message:
      'Darb called uv in a way that this version does not understand; the worker’s uv may be too old or too new.',
  },
];

function needsBuild(name: string): string {
  return `\`${name}\` is only published as source, and nothing is built here. Choose a version with wheels, or a package that replaces it.`;
}

/** The error for a uv call that ended with an exit code other than 0. */
export function uvFailure(result: Pick<ToolResult, 'exitCode' | 'stderr'>): PackageManagerError {
  const extract = extractError(result.stderr);
  const text = oneLine(extract ?? '');
  // A resolution that failed may mention wheels and networks in its hints: its first sentence decides.
  const isResolution = /No solution found|requirements are unsatisfiable/.test(text);
  const rules = isResolution ? RESOLUTION_RULES : [...OPERATIONAL_RULES, ...OTHER_RULES];
  for (const rule of rules) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const message = typeof rule.message === 'string' ? rule.message : rule.message(match);
    return new PackageManagerError(rule.code, message, extract);
  }
  return new PackageManagerError(
    'tool_failed',
    `uv ended with exit code ${result.exitCode}; its own message is below.`,
    extract,
  );
}
