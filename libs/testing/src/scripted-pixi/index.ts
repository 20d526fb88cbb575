import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Recordings in which everything works as usual; the others show a world with a fault in it. */
const ORDINARY_RECORDINGS = [
  '03-add-ok',
  '04-add-several',
  '06-add-unknown',
  '07-add-conflict',
  '08-add-pypi',
  '09-pypi-sdist-runs-code',
  '11-remove-ok',
  '12-remove-not-a-dependency',
  '13-list',
  '18-install-frozen',
  '21-update',
  '22-manifest-malformed',
];

export interface ScriptedPixiOptions {
  /** Names of recordings; the ordinary ones when left out. */
  recordings?: string[];
  /** What a successful `install` leaves: all, nothing, or all but the last package. */
  install?: 'complete' | 'nothing' | 'partial';
}

export interface ScriptedPixiCall {
  argv: string[];
  env: Record<string, string>;
  /** Which recorded step answered; null for a call that no recording knows. */
  recording: string | null;
}

/** Writes a program into `folder` that answers as recorded runs of pixi 0.77.0 did. Returns its path. */
export function scriptedPixi(folder: string, options: ScriptedPixiOptions = {}): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'pixi');
  const config = {
    recordings: options.recordings ?? ORDINARY_RECORDINGS,
    install: options.install ?? 'complete',
    journal: join(folder, 'journal.ndjson'),
  };
  const program = new URL('program.mjs', import.meta.url).href;
  // The absolute path of node: a tool's PATH need not hold it.
  const lines = [
    `#!${process.execPath}`,
    `import(${JSON.stringify(program)})`,
    `  .then(({ main }) => main(process.argv.slice(2), process.env, ${JSON.stringify(config)}));`,
    '',
  ];
  writeFileSync(path, lines.join('\n'));
  chmodSync(path, 0o755);
  return path;
}

/** Every call of the stand-in in this folder, in order. */
export function scriptedPixiCalls(folder: string): ScriptedPixiCall[] {
  const journal = join(folder, 'journal.ndjson');
  if (!existsSync(journal)) return [];
  const lines = readFileSync(journal, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as ScriptedPixiCall);
}
