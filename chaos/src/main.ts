import { FAULT_KINDS } from './faults/schedule.js';
import { HELP, parseOptions } from './options.js';
import { keepEvidence, summary } from './report.js';
import { run } from './run.js';

/** Set by scripts/chaos.mjs, which gives us a mount namespace where it can. */
const MAY_MOUNT_VARIABLE = 'CHAOS_MAY_MOUNT';

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === 'help') return print(HELP);
  if (options === 'list') return print(FAULT_KINDS.map(({ name }) => name).join('\n'));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const)
    process.on(signal, () => stop.abort());
  process.channel?.unref();
  const startedAt = Date.now();
  const say = (text: string) => print(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)}  ${text}`);
  let kept: string | undefined;
  const verdict = await run(options, {
    say,
    signal: stop.signal,
    mayMount: process.env[MAY_MOUNT_VARIABLE] === '1',
    keep: async (stage, found) => void (kept = await keepEvidence(stage, found)),
  });
  print(summary(verdict));
  const count = verdict.findings.violations.length;
  if (count === 0) return print(`\nEverything held. Repeat it with --seed ${verdict.seed}.`);
  print(`\n${count} violations; what was found is in ${kept}. Repeat it with --seed ${verdict.seed}.`);
  return 1;
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}
// Output may be a pipe that takes its time; nothing else is worth waiting for.
setTimeout(() => process.exit(), 3_000).unref();
