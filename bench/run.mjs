/** `npm run bench [-- 1 4 …] [--rounds N]`: measures Darb against GOALS, next to references in the same run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as change from './goals/01-change.mjs';
import * as idleQueue from './goals/04-idle-queue.mjs';
import * as logLatency from './goals/06-log-latency.mjs';
import * as read from './goals/18-read.mjs';
import * as services from './goals/21-services.mjs';
import { Darb } from './lib/darb.mjs';

const GOALS = { 1: change, 4: idleQueue, 6: logLatency, 18: read, 21: services };
const RESULTS = join(import.meta.dirname, 'results');

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});

function help() {
  const lines = Object.entries(GOALS).map(
    ([number, { name, goal }]) => `  ${number.padStart(2)}  ${name}: ${goal}`,
  );
  return `npm run bench [-- numbers …] [--rounds N]\n\n${lines.join('\n')}`;
}

function print(number, goal, result) {
  console.log(`\n${number} ${goal.name}: ${result.is_met ? 'met' : 'NOT MET'} (${goal.goal})`);
  for (const [key, value] of Object.entries(result)) {
    if (key === 'ratio') console.log(`  ratio ${value.toFixed(2)}`);
    else if (value?.p50 !== undefined) console.log(`  ${key} ${line(value)}`);
    else if (value && typeof value === 'object') {
      for (const [name, part] of Object.entries(value)) {
        if (part.p50 !== undefined) console.log(`  ${key} ${name} ${line(part)}`);
        else for (const [what, of] of Object.entries(part)) console.log(`  ${name} ${what} ${line(of)}`);
      }
    }
  }
}

const line = ({ p50, p99, spread, count }) => `p50 ${p50}, p99 ${p99}, spread ${spread} (${count} values)`;

async function main() {
  if (values.help) return console.log(help());
  const wanted = positionals.length > 0 ? positionals : Object.keys(GOALS);
  const unknown = wanted.find((number) => !GOALS[number]);
  if (unknown) throw new Error(`There is no benchmark ${unknown}.\n${help()}`);
  mkdirSync(RESULTS, { recursive: true });
  console.log('Starting Darb …');
  const darb = await Darb.create();
  const stop = () => void darb.close().then(() => process.exit(143));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  process.once('disconnect', stop);
  process.channel?.unref();
  try {
    for (const number of wanted) {
      const goal = GOALS[number];
      await darb.signIn();
      const load = loadavg()[0];
      const result = await goal.measure(darb, Number(values.rounds), (text) =>
        console.log(`  ${goal.name}: ${text}`),
      );
      print(number, goal, result);
      const machine = {
        cpus: availableParallelism(),
        memory_bytes: totalmem(),
        load_before: load,
        node: process.version,
      };
      const report = {
        number: Number(number),
        name: goal.name,
        goal: goal.goal,
        rounds: Number(values.rounds),
        machine,
        ...result,
      };
      writeFileSync(join(RESULTS, `${goal.name}.json`), `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await darb.close();
  }
}

await main();
