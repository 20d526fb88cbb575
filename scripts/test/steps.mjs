/**
 * Runs the steps of `npm test` and `npm run check`: two at a time where they may, one line for each, a failed one
 * with its whole output, and at the end the counts of the runner in one plain line.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'test-results');
/** A step that is silent for long says that it still runs. */
const REMINDER_MS = 30_000;

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} Result
 * @property {Counts} counts
 * @property {string} output what to show when something failed
 * @property {string[]} [notes] lines to show in any case
 *
 * @typedef {object} Step
 * @property {string} name what `npm test -- <name>` picks
 * @property {string} about one line for --help
 * @property {string[]} [needs] steps without which this one can't run
 * @property {(runner: Runner) => Promise<Result>} run
 */

// Output is piped, so that tools can't see by themselves who reads it.
const COLORS = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };

const PASSED = { passed: 1, failed: 0, skipped: 0 };
const FAILED = { passed: 0, failed: 1, skipped: 0 };

/** Starts commands and ends them when the run is told to stop. */
export class Runner {
  children = new Set();
  isStopping = false;

  /** @returns {Promise<{exitCode: number, output: string}>} output is stdout and stderr in order of arrival. */
  command(file, args, { env = {}, onLine } = {}) {
    if (this.isStopping) return Promise.resolve({ exitCode: 143, output: 'stopped' });
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, {
        cwd: ROOT,
        env: { ...process.env, ...COLORS, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.children.add(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output += text;
          onLine?.(text);
        });
      }
      child.once('error', reject);
      child.once('close', (code) => {
        this.children.delete(child);
        resolve({ exitCode: code ?? 1, output });
      });
    });
  }

  node(file, args, options) {
    return this.command(process.execPath, [file, ...args], options);
  }

  /** A tool of node_modules/.bin. */
  tool(name, args, options) {
    return this.command(join(ROOT, 'node_modules/.bin', name), args, options);
  }

  stop(signal) {
    this.isStopping = true;
    for (const child of this.children) child.kill(signal);
  }
}

/** A step that is one command: exit code 0 is one test passed. */
export function commandStep(name, about, run, needs = []) {
  return {
    name,
    about,
    needs,
    run: async (runner) => {
      const { exitCode, output } = await run(runner);
      return { counts: exitCode === 0 ? PASSED : FAILED, output };
    },
  };
}

/** A step that is a project of vitest.config.ts, counted by vitest. */
export function vitestStep(name, about, { project = name, needs = [], env = async () => ({}) } = {}) {
  return {
    name,
    about,
    needs,
    run: async (runner) => {
      const report = join(RESULTS, `${name}.json`);
      rmSync(report, { force: true });
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const args = ['run', '--project', project, '--passWithNoTests', ...reporters];
      const { exitCode, output } = await runner.tool('vitest', args, { env: await env(runner) });
      return { ...readReport(report, exitCode), output };
    },
  };
}

function readReport(report, exitCode) {
  let found;
  try {
    found = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    // Nothing was reported: no test files at all, or vitest itself failed.
    return { counts: exitCode === 0 ? { passed: 0, failed: 0, skipped: 0 } : FAILED, notes: [] };
  }
  // A file that can't even be loaded has no failed test in it, and errors outside of tests have none either.
  const broken = found.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const counts = {
    passed: found.numPassedTests,
    failed: found.numFailedTests + broken.length,
    skipped: found.numPendingTests + found.numTodoTests,
  };
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  const skipped = found.testResults.flatMap((file) =>
    file.assertionResults.filter((test) => test.status === 'pending' || test.status === 'skipped'),
  );
  return { counts, notes: skipped.map((test) => `skipped: ${test.fullName}`) };
}

const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

async function runStep(step, runner, results) {
  const missing = (step.needs ?? []).find((name) => results.has(name) && results.get(name).counts.failed > 0);
  if (missing) {
    console.log(`✗ ${step.name}: not run, it needs ${missing}`);
    return { counts: FAILED, output: '' };
  }
  const start = performance.now();
  const reminder = setInterval(() => console.log(`… ${step.name}, ${seconds(start)}`), REMINDER_MS);
  let result;
  try {
    result = await step.run(runner);
  } catch (error) {
    result = { counts: FAILED, output: error.stack ?? String(error) };
  } finally {
    clearInterval(reminder);
  }
  writeFileSync(join(RESULTS, `${step.name}.log`), result.output);
  printResult(step, result, seconds(start));
  return result;
}

function printResult(step, { counts, output, notes = [] }, took) {
  const isPlain = counts.passed + counts.failed === 1 && counts.skipped === 0;
  const detail = isPlain
    ? ''
    : ` ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  if (counts.failed > 0) {
    console.log(`\n──── ${step.name} failed ────\n${output.trimEnd()}\n────`);
    console.log(`✗ ${step.name}${detail} (${took})`);
  } else {
    console.log(`✓ ${step.name}${detail} (${took})`);
  }
  for (const note of notes) console.log(`  ${note}`);
}

/** Steps of a stage run two at a time: that is what the smallest machine has. */
async function runStage(stage, runner, results) {
  const waiting = [...stage];
  const lane = async () => {
    for (let step = waiting.shift(); step && !runner.isStopping; step = waiting.shift()) {
      results.set(step.name, await runStep(step, runner, results));
    }
  };
  await Promise.all([lane(), lane()]);
}

function help(usage, stages) {
  const lines = stages.flat().map((step) => `  ${step.name.padEnd(14)} ${step.about}`);
  return `${usage}\n\nSteps:\n${lines.join('\n')}`;
}

/**
 * Runs `stages` (or the steps named by `wanted`, with what they need), prints the counts, answers the exit code.
 * @param {Step[][]} stages
 */
export async function runSteps(stages, wanted, usage) {
  const known = new Map(stages.flat().map((step) => [step.name, step]));
  if (wanted.includes('--help') || wanted.includes('-h')) {
    console.log(help(usage, stages));
    return 0;
  }
  const unknown = wanted.find((name) => !known.has(name));
  if (unknown) {
    console.error(`There is no step called ${unknown}.\n\n${help(usage, stages)}`);
    return 2;
  }
  const picked = new Set(wanted.flatMap((name) => [name, ...(known.get(name).needs ?? [])]));
  const chosen =
    wanted.length > 0 ? stages.map((stage) => stage.filter(({ name }) => picked.has(name))) : stages;

  mkdirSync(RESULTS, { recursive: true });
  const runner = stopWithUs(new Runner());
  const start = performance.now();
  const results = new Map();
  for (const stage of chosen) await runStage(stage, runner, results);

  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { counts } of results.values()) {
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  const notRun = chosen.flat().length - results.size;
  if (notRun > 0) console.log(`Stopped: ${notRun} steps were not run.`);
  console.log(`Took ${seconds(start)}.`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || notRun > 0 ? 1 : 0;
}

/** Signals, and the end of whoever started us (its channel closes), end what runs. */
function stopWithUs(runner) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => runner.stop('SIGTERM'));
  process.on('disconnect', () => runner.stop('SIGTERM'));
  process.channel?.unref();
  return runner;
}
