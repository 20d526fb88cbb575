/** The clock of one worker, turned with libfaketime where the machine has it. */
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY_FOLDERS = ['/usr/lib', '/usr/lib64', '/usr/local/lib', ...multiarch()];

function multiarch(): string[] {
  return ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((name) => `/usr/lib/${name}`);
}

export class Clock {
  private constructor(
    private readonly library: string,
    private readonly file: string,
  ) {
    this.step(0);
  }

  static create(folder: string): Clock | null {
    const library = LIBRARY_FOLDERS.map((place) => join(place, 'faketime')).flatMap((place) => {
      try {
        return readdirSync(place).flatMap((name) =>
          name === 'libfaketimeMT.so.1' ? [join(place, name)] : [],
        );
      } catch {
        return [];
      }
    })[0];
    return library ? new Clock(library, join(folder, 'clock')) : null;
  }

  /** For the environment of the process whose clock it is. Only the time of day: timers go on as they should. */
  variables(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
    };
  }

  /** So many seconds from the real time. */
  step(seconds: number): void {
    const fresh = `${this.file}.new`;
    writeFileSync(fresh, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}s\n`);
    renameSync(fresh, this.file);
  }

  reset(): void {
    this.step(0);
  }
}
