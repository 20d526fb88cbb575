/**
 * The part of YAML that pixi writes its lockfile in: block mappings and sequences, scalars on one line.
 * A whole YAML parser took seconds for a lock of a few hundred packages, and understands much that a person could
 * hide something in (anchors, tags, flow collections). Every scalar stays text.
 */
export type BlockValue = string | BlockValue[] | { [key: string]: BlockValue };

export class BlockSyntaxError extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

interface Line {
  indent: number;
  text: string;
  number: number;
}

const KEY = /^([A-Za-z0-9_][A-Za-z0-9_.-]*):(?: +(.*))?$/;
/** pixi nests six deep. */
const MAX_DEPTH = 20;

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    lines.push({ indent: raw.length - raw.trimStart().length, text: trimmed, number: index + 1 });
  }
  return lines;
}

function parseScalar(text: string, line: number): BlockValue {
  if (text === '[]') return [];
  if (text === '{}') return {};
  if (text.startsWith("'")) {
    if (!/^'(?:[^']|'')*'$/.test(text))
      throw new BlockSyntaxError('a quoted text does not end on its line', line);
    return text.slice(1, -1).replaceAll("''", "'");
  }
  if (text.startsWith('"')) {
    try {
      return JSON.parse(text) as string;
    } catch {
      throw new BlockSyntaxError('a quoted text is not as pixi writes it', line);
    }
  }
  if (/^[&*!|>{}[\]%@`?]|: | #|:$/.test(text))
    throw new BlockSyntaxError('only what pixi writes is read here', line);
  return text;
}

class BlockParser {
  private position = 0;

  constructor(private readonly lines: Line[]) {}

  parse(): BlockValue {
    const first = this.lines[0];
    if (first === undefined) return {};
    const value = this.parseBlock(first.indent, 0);
    const rest = this.lines[this.position];
    if (rest !== undefined) throw new BlockSyntaxError('this line is indented like no other', rest.number);
    return value;
  }

  private parseBlock(indent: number, depth: number): BlockValue {
    const line = this.lines[this.position]!;
    if (depth > MAX_DEPTH) throw new BlockSyntaxError('too many levels', line.number);
    return line.text.startsWith('- ') || line.text === '-'
      ? this.parseSequence(indent, depth)
      : this.parseMapping(indent, depth);
  }

  private parseSequence(indent: number, depth: number): BlockValue[] {
    const items: BlockValue[] = [];
    for (
      let line = this.lines[this.position];
      line?.indent === indent && line.text.startsWith('- ');
      line = this.lines[this.position]
    ) {
      const text = line.text.slice(2).trimStart();
      if (!KEY.test(text)) {
        items.push(parseScalar(text, line.number));
        this.position += 1;
        continue;
      }
      // The first key stands behind the dash: the mapping is as deep as that key.
      const inner = indent + line.text.length - text.length;
      this.lines[this.position] = { ...line, indent: inner, text };
      items.push(this.parseMapping(inner, depth + 1));
    }
    return items;
  }

  private parseMapping(indent: number, depth: number): { [key: string]: BlockValue } {
    const mapping: { [key: string]: BlockValue } = Object.create(null) as { [key: string]: BlockValue };
    for (let line = this.lines[this.position]; line?.indent === indent; line = this.lines[this.position]) {
      const match = KEY.exec(line.text);
      if (match === null) {
        if (line.text.startsWith('- ')) break;
        throw new BlockSyntaxError('`key: value` is expected', line.number);
      }
      const [, key = '', text] = match;
      if (key in mapping) throw new BlockSyntaxError(`\`${key}\` is there twice`, line.number);
      this.position += 1;
      mapping[key] = text === undefined ? this.parseNested(indent, depth) : parseScalar(text, line.number);
    }
    return mapping;
  }

  /** What belongs to a key without a value: deeper lines, or a sequence at the key's own depth. */
  private parseNested(indent: number, depth: number): BlockValue {
    const next = this.lines[this.position];
    const isBelow =
      next !== undefined && (next.indent > indent || (next.indent === indent && next.text.startsWith('- ')));
    return isBelow ? this.parseBlock(next.indent, depth + 1) : '';
  }
}

/** @throws BlockSyntaxError */
export function parseBlockYaml(text: string): BlockValue {
  return new BlockParser(splitLines(text)).parse();
}
