/** The steps that `npm test` and `npm run check` share. */
import { join } from 'node:path';
import { commandStep, ROOT } from './steps.mjs';

const PRETTY = ['--pretty', String(Boolean(process.stdout.isTTY))];
/** The second run only looks at what changed. */
const incremental = (name) => [
  '--incremental',
  '--tsBuildInfoFile',
  `node_modules/.cache/${name}.tsbuildinfo`,
];
const FAST_RULES = join(ROOT, 'scripts/test/import-rules.mjs');

export const types = commandStep(
  'types',
  'services, libraries and their tests against the type checker',
  (runner) => runner.tool('tsc', ['-p', 'tsconfig.test.json', ...incremental('types'), ...PRETTY]),
);

export const dashboardTypes = commandStep(
  'dashboard-types',
  'the dashboard against the type checker',
  (runner) =>
    runner.tool('tsc', [
      '-p',
      'apps/dashboard/tsconfig.json',
      '--noEmit',
      '--customConditions',
      'darb-source',
      ...incremental('dashboard-types'),
      ...PRETTY,
    ]),
);

export const lint = commandStep('lint', 'oxlint', (runner) => runner.tool('oxlint', ['--deny-warnings']));

export const format = commandStep('format', 'prettier finds nothing to change', (runner) =>
  runner.tool('prettier', [
    '--check',
    '--log-level',
    'warn',
    '--cache',
    '--cache-location',
    'node_modules/.cache/prettier/checked.json',
    '.',
  ]),
);

export const importRules = commandStep('import-rules', 'nobody imports what they may not', (runner) =>
  runner.node(FAST_RULES, []),
);
