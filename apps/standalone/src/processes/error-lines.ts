const ERROR_LEVEL = 50;
const MAX_LENGTH = 300;
/** How PostgreSQL and Valkey mark what a person should know. */
const SERVER_TROUBLE =
  /\b(FATAL|PANIC):|No space left on device|# (Fatal|Bad file format|Can't|Unrecoverable)/;

/** Finds the lines of a service's output that tell of an error, and keeps the last one as a sentence. */
export class ErrorLines {
  /** What the process said last about its trouble; the end of its plain output where it named none. */
  last: string | undefined;
  private rest = '';
  private plain: string[] = [];

  constructor(private readonly onError: (text: string) => void) {}

  add(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('utf8')).split('\n');
    this.rest = lines.pop()!.slice(-65_536);
    for (const line of lines) this.addLine(line);
  }

  /** Everything that was printed as plain text, such as the sentence of a setting that can't work. */
  get plainText(): string {
    return [...this.plain, this.rest].join('\n').trim();
  }

  reset(): void {
    this.last = undefined;
    this.rest = '';
    this.plain = [];
  }

  private addLine(line: string): void {
    const text = errorIn(line);
    if (text === undefined) {
      if (!line.startsWith('{')) this.plain = [...this.plain, line].slice(-20);
      return;
    }
    this.last = text;
    this.onError(text);
  }
}

function errorIn(line: string): string | undefined {
  if (!line.startsWith('{')) return SERVER_TROUBLE.test(line) ? line.trim().slice(0, MAX_LENGTH) : undefined;
  try {
    const entry = JSON.parse(line) as { level?: unknown; msg?: unknown; err?: { message?: unknown } };
    if (!isError(entry.level)) return undefined;
    const cause = typeof entry.err?.message === 'string' ? entry.err.message : '';
    const message = typeof entry.msg === 'string' ? entry.msg : '';
    const text = message.includes(cause) ? message : `${message || 'error'}: ${cause}`;
    return text.replaceAll(/\s+/g, ' ').slice(0, MAX_LENGTH);
  } catch {
    return undefined;
  }
}

function isError(level: unknown): boolean {
  return typeof level === 'number' ? level >= ERROR_LEVEL : level === 'error' || level === 'fatal';
}
