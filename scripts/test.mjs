/** `npm test`: everything, as the build server runs it. `npm test -- unit lint` runs only those steps. */
import { dashboardTypes, format, importRules, lint, types } from './test/catalog.mjs';
import { findChromium } from './test/chromium.mjs';
import { commandStep, runSteps, vitestStep } from './test/steps.mjs';

/** Set by the step `browser`. */
let chromium = null;

const build = commandStep('build', 'every package is built', (runner) =>
  runner.tool('turbo', ['run', 'build', '--output-logs=errors-only', '--concurrency=2']),
);

const generated = commandStep(
  'generated',
  'generated files are what their generator makes',
  (runner) => runner.node('scripts/generate.mjs', ['--check']),
  ['build'],
);

const browser = {
  name: 'browser',
  about: 'a Chromium for the browser test, fetched when there is none',
  run: async (runner) => {
    chromium = await findChromium(runner);
    if (chromium) return { counts: { passed: 1, failed: 0, skipped: 0 }, output: '', notes: [chromium] };
    const reason =
      'NO BROWSER TEST: no Chromium on PATH, and none could be fetched (apt as root, or Playwright). ' +
      'Install chromium and run `npm test -- e2e`.';
    // On a build server a test that silently does not run is a failed one.
    const isFailure = process.env.CI === 'true';
    return {
      counts: { passed: 0, failed: isFailure ? 1 : 0, skipped: isFailure ? 0 : 1 },
      output: reason,
      notes: [reason],
    };
  },
};

const e2e = vitestStep('e2e', 'Darb as compiled, from outside: API and browser', {
  needs: ['build', 'browser'],
  env: async (runner) => {
    chromium ??= await findChromium(runner);
    return chromium ? { TEST_CHROMIUM: chromium } : {};
  },
});

const STAGES = [
  [build, browser],
  [types, dashboardTypes, lint, importRules, format, generated],
  [vitestStep('scripts', 'import rules by forbidden imports, and the other scripts')],
  [vitestStep('unit', 'tests next to the sources, without servers')],
  [vitestStep('integration', 'services and libraries on real Postgres, Valkey and uv')],
  [vitestStep('boot', 'each compiled service starts, is ready, and stops', { needs: ['build'] })],
  [e2e],
];

const usage = 'npm test [-- step …]        CI=true: a browser test that can not run is a failure';
process.exitCode = await runSteps(STAGES, process.argv.slice(2), usage);
