/** A line longer than this (in UTF-16 units) is cut into pieces; each piece after the first begins with CONTINUED. */
export const MAX_LINE_LENGTH = 16 * 1024;
export const CONTINUED = '↪ ';
/** How far back from the limit a space is looked for, so that a cut does not fall into a URL or a secret. */
const CUT_WINDOW = 2048;

/**
 * Turns the bytes of one stream into lines. Colours are kept, invalid UTF-8 and NUL are replaced, and of a progress
 * line that was redrawn with carriage returns only the last state remains.
 */
export class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8');
  private rest = '';
  /** True while the line in `rest` has lost its beginning to an earlier piece. */
  private continued = false;

  constructor(private readonly emit: (line: string) => void) {}

  push(bytes: Uint8Array): void {
    this.take(this.decoder.decode(bytes, { stream: true }));
  }

  /** The stream has ended: what has no newline is a line too. */
  end(): void {
    this.take(this.decoder.decode());
    if (this.rest !== '' || this.continued) this.finishLine(this.rest);
    this.rest = '';
  }

  private take(text: string): void {
    if (text === '') return;
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop() ?? '';
    for (const part of parts) this.finishLine(part);
    this.rest = this.cutLong(dropOverwritten(this.rest));
  }

  private finishLine(raw: string): void {
    const text = this.cutLong(lastState(raw));
    this.write(text);
    this.continued = false;
  }

  /** Emits full pieces of a long line and returns what is left of it. */
  private cutLong(text: string): string {
    let left = text;
    while (left.length > MAX_LINE_LENGTH) {
      const at = cutPosition(left);
      this.write(left.slice(0, at));
      this.continued = true;
      left = left.slice(at);
    }
    return left;
  }

  private write(text: string): void {
    this.emit((this.continued ? CONTINUED : '') + text.replaceAll('\0', '\uFFFD'));
  }
}

/** The text after the last carriage return that still shows something; a trailing one belongs to the newline. */
function lastState(raw: string): string {
  if (!raw.includes('\r')) return raw;
  const states = raw.split('\r').filter((state) => state !== '');
  return states.at(-1) ?? '';
}

/** Forgets states of an unfinished line that a later one has already overwritten, so that progress needs no memory. */
function dropOverwritten(rest: string): string {
  const last = rest.lastIndexOf('\r', rest.length - 2);
  return last === -1 || rest.slice(last + 1).replaceAll('\r', '') === '' ? rest : rest.slice(last + 1);
}

function cutPosition(text: string): number {
  const space = text.lastIndexOf(' ', MAX_LINE_LENGTH);
  if (space > MAX_LINE_LENGTH - CUT_WINDOW) return space;
  const code = text.charCodeAt(MAX_LINE_LENGTH - 1);
  const isHighSurrogate = code >= 0xd800 && code <= 0xdbff;
  return isHighSurrogate ? MAX_LINE_LENGTH - 1 : MAX_LINE_LENGTH;
}
