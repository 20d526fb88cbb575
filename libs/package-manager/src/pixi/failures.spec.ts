/** What pixi 0.77.0 said in recorded runs that the stand-in does not replay. */
import { expect, it } from 'vitest';
import { pixiFailure } from './failures.js';

it.each<[string, number, string, string, RegExp]>([
  [
    'a full disk while extracting',
    1,
    'Error:   × failed to fetch pkg-100-2.0.0-pyhcd2ce11_0.conda\n  ├─▶ failed to interact with the package cache layer.\n  ├─▶ an io error occurred: failed to unpack `/cache/x.py`\n  ╰─▶ No space left on device (os error 28)\n',
    'disk_full',
    /no space left/,
  ],
  [
    'a full disk while linking',
    1,
    'Error:   × failed to link pkg-083-2.0.0-h6cd0056_0.conda\n  ╰─▶ failed to copy file from /cache/a to /tree/a: No space left on device (os error 28)\n',
    'disk_full',
    /no space left/,
  ],
  [
    'another hash',
    1,
    'Error:   × failed to fetch bad-sha-1.0.0-hfa02181_0.conda\n  ├─▶ failed to interact with the package cache layer.\n  ╰─▶ hash mismatch when extracting http://127.0.0.1/noarch/bad-sha-1.0.0-hfa02181_0.conda to /cache/x: expected 00, got 11\n',
    'integrity',
    /bad-sha-1\.0\.0/,
  ],
  [
    'no network',
    1,
    "Error:   × failed to solve requirements of environment 'default' for platform 'linux-64'\n  ├─▶   × Request failed after 3 retries\n\n  ├─▶ error sending request for url (http://127.0.0.1/linux-64/repodata.json)\n  ╰─▶ Connection refused (os error 111)\n",
    'network',
    /could not be reached/,
  ],
  [
    'an archive that is not there',
    1,
    'Error:   × failed to fetch gone-1.0.0-hb56cec8_0.conda\n  ╰─▶ HTTP status client error (404 File not found) for url (http://127.0.0.1/gone.conda)\n',
    'network',
    /could not be reached/,
  ],
  [
    'an outdated lock',
    1,
    'Error:   × lock file not up-to-date with the workspace\n',
    'lockfile_outdated',
    /run an update/,
  ],
  [
    'a missing lock',
    1,
    "Error:   × the lock file is not up-to-date with requested environment: 'default'\n",
    'lockfile_outdated',
    /run an update/,
  ],
  [
    'a broken lock',
    1,
    "Error:   × Failed to load lock file from `/tree/pixi.lock`\n  ╰─▶ did not find expected ','\n",
    'lockfile_invalid',
    /cannot be read/,
  ],
  [
    'a lock of the future',
    1,
    'Error:   × Lock-file version 99 is newer than supported\n',
    'lockfile_invalid',
    /cannot be read/,
  ],
  [
    'another platform',
    1,
    "Error: unsupported-platform\n\n  × Cannot install environment 'default'\n",
    'platform_unsupported',
    /platform/,
  ],
  [
    'what is not a dependency',
    1,
    'Error:   × dependency `numpy` was not found in dependencies\n',
    'package_not_in_environment',
    /`numpy`/,
  ],
  [
    'what is not in the lock',
    1,
    "Error:   × could not find a package named 'no-such'\n",
    'package_not_in_environment',
    /`no-such`/,
  ],
  [
    'a manifest that is none',
    1,
    'Error:   × Missing table in manifest pixi.toml:\n   ╭─[/tree/pixi.toml:1:1]\n',
    'manifest_invalid',
    /says where/,
  ],
  [
    'a wrong call',
    2,
    "error: unexpected argument '--no-such' found\n",
    'internal_error',
    /too old or too new/,
  ],
  ['something new', 1, 'Error:   × The moon is full\n', 'tool_failed', /exit code 1/],
])('knows %s', (_name, exitCode, stderr, code, message) => {
  const failure = pixiFailure({ exitCode, stderr });
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(message);
});
