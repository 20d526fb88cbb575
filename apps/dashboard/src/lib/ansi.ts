/* oxlint-disable no-control-regex -- control characters are what this file is about */
import Anser from 'anser';

export interface AnsiSegment {
  text: string;
  className: string;
  /** Set for 24-bit and palette colours only; the sixteen named ones are classes, so that each theme has its own. */
  color?: string;
  background?: string;
}

// Operating-system commands (titles, hyperlinks) and every CSI that is no colour: nothing to show.
const OSC = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const NOT_COLOUR = /\u001b\[[0-?]*[ -/]*[@-ln-~]/g;
const COLOUR = /\u001b\[[0-9;:]*m/g;
const OTHER = /\u001b(?!\[)[ -~]?|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

/** The text alone, for searching and measuring. */
export function stripAnsi(text: string): string {
  if (!hasControl(text)) return text;
  return clean(text).replace(COLOUR, '');
}

/** Runs of one look each. A line without escapes is one segment, which is most of them. */
export function parseAnsi(text: string): AnsiSegment[] {
  if (!hasControl(text)) return [{ text, className: '' }];
  return Anser.ansiToJson(clean(text), { json: true, use_classes: true, remove_empty: true }).map((part) => ({
    text: part.content,
    className: classNames(part),
    ...colourOf('color', part.fg, part.fg_truecolor),
    ...colourOf('background', part.bg, part.bg_truecolor),
  }));
}

function hasControl(text: string): boolean {
  return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text);
}

function clean(text: string): string {
  return text.replace(OSC, '').replace(NOT_COLOUR, '').replace(OTHER, '');
}

const NAMED = /^ansi-(bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/;

function classNames(part: Anser.AnserJsonEntry): string {
  const names: string[] = [];
  if (NAMED.test(part.fg ?? '')) names.push(part.fg);
  if (NAMED.test(part.bg ?? '')) names.push(`${part.bg}-bg`);
  for (const decoration of part.decorations) names.push(`ansi-${decoration}`);
  return names.join(' ');
}

function colourOf(
  key: 'color' | 'background',
  name: string | null,
  trueColour: string | null,
): Partial<Record<'color' | 'background', string>> {
  if (!name || NAMED.test(name)) return {};
  if (trueColour) return { [key]: `rgb(${trueColour})` };
  const index = /^ansi-palette-(\d+)$/.exec(name)?.[1];
  return index === undefined ? {} : { [key]: paletteColour(Number(index)) };
}

/** xterm's 256 colours: 16 to 231 a cube of six steps, then a ramp of greys. */
function paletteColour(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return `rgb(${step(Math.floor(cube / 36))},${step(Math.floor(cube / 6) % 6)},${step(cube % 6)})`;
}
