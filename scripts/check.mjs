/** `npm run check`: what can be told without building or starting anything, in well under 90 s on two cores. */
import { dashboardTypes, format, importRules, lint, types } from './test/catalog.mjs';
import { runSteps, vitestStep } from './test/steps.mjs';

const STAGES = [
  [types, dashboardTypes, lint, importRules, format],
  [vitestStep('unit', 'tests next to the sources, without servers')],
];

process.exitCode = await runSteps(STAGES, process.argv.slice(2), 'npm run check [-- step …]');
