/** What a run has to say at its end, and what it keeps when something did not hold. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@darb/testing';
import { dump } from './check/database.js';
import { RULES } from './findings.js';
import type { Rule } from './findings.js';
import type { Verdict } from './run.js';
import type { Stage } from './stage/stage.js';

export function summary({ seed, faults, findings, answers, jobs, skipped, durationMs }: Verdict): string {
  const hit = faults.filter((fault) => fault.hit !== null);
  const kinds = Map.groupBy(faults, ({ kind }) => kind);
  const lines = [
    '',
    `Seed ${seed}, ${Math.round(durationMs / 1000)} s`,
    '',
    `${hit.length} faults (${faults.length - hit.length} found nothing to hit):`,
    ...[...kinds.keys()].sort().map((kind) => {
      const count = kinds.get(kind)!.filter((fault) => fault.hit !== null).length;
      return `  ${String(count).padStart(5)} ${kind}`;
    }),
    ...skipped.map((text) => `  skipped ${text}`),
    '',
    `Jobs: ${listed(jobs)}`,
    `Answers: ${listed(answers)}`,
    '',
    'Checks:',
    ...(Object.keys(RULES) as (keyof typeof RULES)[]).map((rule) => ruleLine(rule, findings)),
    ...findings.excused.map((text) => `  excused: ${text}`),
  ];
  return lines.join('\n');
}

function ruleLine(rule: keyof typeof RULES, { checks, violations }: Verdict['findings']): string {
  // Keys of an object are text, also those that are numbers.
  const key = (/^\d+$/.test(String(rule)) ? Number(rule) : rule) as Rule;
  const broken = violations.filter((violation) => violation.rule === key).length;
  const count = String(checks.get(key) ?? 0).padStart(7);
  return `  ${broken > 0 ? '✗' : '✓'} ${count} checked, ${broken} broken  ${rule}: ${RULES[rule]}`;
}

function listed(counts: Map<string, number>): string {
  return [...counts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${count} × ${name}`)
    .join(', ');
}

/** Logs, rows and a list of the stores, in a folder that outlives the run. */
export async function keepEvidence(stage: Stage, verdict: Verdict): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const folder = join(repositoryRoot(), 'test-results/chaos', `${time}-seed-${verdict.seed}`);
  mkdirSync(folder, { recursive: true });
  cpSync(stage.logs, join(folder, 'logs'), { recursive: true });
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 1)}\n`);
  write('violations.json', verdict.findings.violations);
  write('faults.json', verdict.faults);
  write('database.json', await dump(stage.postgres));
  writeFileSync(join(folder, 'summary.txt'), summary(verdict));
  for (const disk of stage.disks) {
    // Without the insides of trees: what is in those is in the violations.
    const list = spawnSync('find', [
      disk.folder,
      '-maxdepth',
      '6',
      '-not',
      '-path',
      '*/.venv/*',
      '-not',
      '-path',
      '*/cache/*',
      '-ls',
    ]);
    writeFileSync(join(folder, `${disk.folder.split('/').at(-1)}.txt`), list.stdout);
  }
  return folder;
}
