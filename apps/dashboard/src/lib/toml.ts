export interface TomlPart {
  kind: 'plain' | 'comment' | 'header' | 'key' | 'string' | 'value';
  text: string;
}

const TOKEN =
  /(?<comment>#.*$)|(?<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?<key>[A-Za-z0-9_.-]+)(?=\s*[=:](?:\s|$|["'[{]))|(?<value>\b(?:true|false|null|\d[\w.:+-]*)\b)/g;

/**
 * One line of TOML (or of pixi's YAML lockfile) in coloured parts. Line by line and by eye only: it need not be right
 * about strings over several lines, which manifests and lockfiles hardly have.
 */
export function splitToml(line: string): TomlPart[] {
  if (/^\s*\[\[?[^\]=]+\]\]?\s*(#.*)?$/.test(line)) return [{ kind: 'header', text: line }];
  // Nobody reads a line this long, and the expression would have to.
  if (line.length > 2000) return [{ kind: 'plain', text: line }];
  const parts: TomlPart[] = [];
  let end = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > end) parts.push({ kind: 'plain', text: line.slice(end, match.index) });
    const kind = Object.entries(match.groups!).find(([, text]) => text !== undefined)![0];
    parts.push({ kind: kind as TomlPart['kind'], text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < line.length) parts.push({ kind: 'plain', text: line.slice(end) });
  return parts;
}
