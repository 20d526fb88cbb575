/** What uv 0.13.8 really said, and what is made of it. What is not here is provoked for real in `test/uv.spec.ts`. */
import { expect, it } from 'vitest';
import { uvFailure } from './failures.js';

const add = (...causes: string[]) =>
  `Using CPython 3.12.1 interpreter at: \u001b[36m/usr/bin/python3\u001b[39m\n\u001b[1m\u001b[31merror\u001b[39m\u001b[0m\u001b[1m:\u001b[0m Failed to add dependencies\n${causes.map((cause) => `  cause: ${cause}\n`).join('')}\nhint: If you want to add the package regardless of the failed resolution, provide the \`--frozen\` flag to skip locking and syncing\n`;
const NO_SOLUTION = 'No solution found when resolving dependencies';

it.each<[string, string, string, RegExp]>([
  [
    'a name',
    add(
      NO_SOLUTION,
      "Because no-such-thing was not found in the package registry and your project depends on no-such-thing, we can conclude that your project's requirements are unsatisfiable.",
    ),
    'package_not_found',
    /`no-such-thing`/,
  ],
  [
    'a version',
    add(
      NO_SOLUTION,
      "Because only rich<=15.0.0 is available and your project depends on rich>=999, we can conclude that your project's requirements are unsatisfiable.",
    ),
    'unsatisfiable',
    /`rich` fits: only rich<=15\.0\.0/,
  ],
  [
    'a conflict in which source distributions only play a part',
    add(
      NO_SOLUTION,
      "Because all of:\n             textual>=1.0.0,<=4.0.0\n             textual>=5.0.0,<=6.2.1\n         depend on rich>=13.3.3 and textual==4.1.0 has no usable wheels, we can conclude that textual>=1.0.0,<=6.2.1 depends on rich>=13.3.3.\n         And because your project depends on rich==13.0 and textual>=1, we can conclude that your project's requirements are unsatisfiable.",
    ),
    'unsatisfiable',
    /contradict/,
  ],
  [
    'source only',
    add(
      NO_SOLUTION,
      "Because all versions of docopt have no usable wheels and your project depends on docopt, we can conclude that your project's requirements are unsatisfiable.",
    ),
    'needs_source_build',
    /`docopt` is only published as source/,
  ],
  [
    'source only, through another package',
    add(
      NO_SOLUTION,
      'Because all versions of docopt have no usable wheels and all versions of thing depend on docopt, we can conclude that all versions of thing cannot be used.',
    ),
    'needs_source_build',
    /`docopt`/,
  ],
  [
    'source only, one version',
    add(
      NO_SOLUTION,
      'Because sdist-only==1.0 has no usable wheels and only sdist-only==1.0 is available, we can conclude that all versions of sdist-only cannot be used.',
    ),
    'needs_source_build',
    /`sdist-only`/,
  ],
  [
    'wheels for other Pythons',
    add(
      NO_SOLUTION,
      "Because tensorflow==2.3.0 has no wheels with a matching Python version tag (e.g., `cp312`) and your project depends on tensorflow==2.3, we can conclude that your project's requirements are unsatisfiable.",
    ),
    'unsatisfiable',
    /`tensorflow` has no wheel for this Python/,
  ],
  [
    'wheels for other systems',
    "error: Distribution `pywin32==312 @ registry+https://index.example/simple` can't be installed because it is marked as `--no-build` but has no binary distribution\n",
    'needs_source_build',
    /`pywin32` has no wheel for this platform/,
  ],
  [
    'no interpreter',
    'error: No interpreter found at path `/nowhere/python`\n',
    'python_unavailable',
    /cannot be used on this worker/,
  ],
  [
    'an interpreter that does not fit',
    "error: The requested interpreter resolved to Python 3.12.1, which is incompatible with the project's Python requirement: `>=3.13` (from `project.requires-python`)\n",
    'python_unavailable',
    /choose another/,
  ],
  [
    'no network',
    'error: Request failed after 3 retries in 12.7s\n  cause: Failed to fetch: http://127.0.0.1:9/simple/rich/\n  cause: error sending request for url (http://127.0.0.1:9/simple/rich/)\n  cause: client error (Connect)\n  cause: tcp connect error\n  cause: Connection refused (os error 111)\n',
    'network',
    /could not be reached/,
  ],
  [
    'a full disk',
    'error: Failed to download `numpy==2.5.5`\n  cause: Failed to extract archive: numpy.whl\n  cause: failed to write to file `/pool/cache/uv/x`: No space left on device (os error 28)\n',
    'disk_full',
    /no space left/,
  ],
  [
    'a full disk at the start',
    'error: failed to write to file `/pool/pyproject.toml`: No space left on device (os error 28)\n',
    'disk_full',
    /no space left/,
  ],
  [
    'no right to write',
    'error: failed to create directory `/pool/cache/uv`: Permission denied (os error 13)\n',
    'permission_denied',
    /owner and permissions/,
  ],
  [
    'a name that is not there',
    'error: The dependency `numpy` could not be found in `project.dependencies`\n',
    'package_not_in_environment',
    /`numpy`/,
  ],
  [
    'a wrong call',
    "error: unexpected argument '--no-such' found\n\nUsage: uv add\n\nFor more information, try '--help'.\n",
    'internal_error',
    /too old or too new/,
  ],
  ['something new', 'error: The moon is full\n', 'tool_failed', /exit code 1/],
  ['nothing', '', 'tool_failed', /exit code 1/],
])('knows %s', (_name, stderr, code, message) => {
  const failure = uvFailure({ exitCode: 1, stderr });
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(message);
});

it('extracts what the tool said, from its error on, without colours, advice and credentials', () => {
  const stderr = `${add(NO_SOLUTION, 'Failed to fetch https://me:secret@index.example/simple')}`;
  const { extract } = uvFailure({ exitCode: 1, stderr });
  expect(extract).toBe(
    `error: Failed to add dependencies\n  cause: ${NO_SOLUTION}\n  cause: Failed to fetch https://index.example/simple`,
  );
});

it('cuts an extract that nobody would read', () => {
  const { extract } = uvFailure({ exitCode: 1, stderr: `error: ${'x'.repeat(100_000)}` });
  expect(extract!.length).toBeLessThanOrEqual(4000);
});
