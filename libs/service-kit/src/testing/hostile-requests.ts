/** Requests that try to break a service, made from its own OpenAPI document: every route, field and parameter. */

export interface HostileRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  payload?: string | Buffer;
  headers?: Record<string, string>;
}

interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
}
interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const AN_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const LEVELS = 10_000;

/** JSON texts, as a whole body and as the value of one field. */
const VALUES = [
  'null',
  'true',
  '-1',
  '1e308',
  '1e999',
  '0.5',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"%00"',
  '"\'; DROP TABLE x; --"',
  `"${'x'.repeat(100_000)}"`,
  `"${'\u{1f600}'.repeat(300)}"`,
  '[]',
  '[null]',
  '[[[]]]',
  '["\\u0000"]',
  `[${'"x",'.repeat(3_000)}"x"]`,
  '{}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"":""}',
  '{"length":1e9}',
  '['.repeat(LEVELS) + ']'.repeat(LEVELS),
];
const BODIES: (string | Buffer)[] = [
  ...VALUES,
  '{',
  '\u{feff}{}',
  '{"a":1}{"a":1}',
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from([0, 0, 0]),
  '{"a":'.repeat(LEVELS) + '1' + '}'.repeat(LEVELS),
  `{${Array.from({ length: 20_000 }, (_, key) => `"k${key}":${key}`).join()}}`,
  `[${'0,'.repeat(200_000)}0]`,
  '1'.repeat(1_000_000),
];
const QUERY_VALUES = [
  '',
  '%00',
  '%ff%fe',
  '-1',
  '1e400',
  '99999999999999999999',
  '%F0%9F%98%80',
  'a&',
  '%',
  '__proto__',
];
const SEGMENTS = [
  'x',
  AN_ID,
  '%00',
  '%ff',
  '%F0%9F%98%80',
  '-1',
  '99999999999999999999',
  'x'.repeat(600),
  '..%2f..',
  '__proto__',
];

/** `id` stands for every parameter of a path: of something that the caller may see, where there is such a thing. */
export function hostileRequests(document: object, id = AN_ID): HostileRequest[] {
  const { paths, components } = document as Document;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method))
      .flatMap(([name, operation]) => {
        const method = name.toUpperCase() as HostileRequest['method'];
        const fields = bodyFields(operation, components?.schemas ?? {});
        const known = filled(path, id);
        return [
          ...(path.includes('{') ? SEGMENTS.map((segment) => ({ method, url: filled(path, segment) })) : []),
          ...queries(operation).map((query) => ({ method, url: `${known}?${query}` })),
          ...(fields ? bodies(fields).map((payload) => withBody(method, known, payload)) : []),
        ];
      }),
  );
}

/** What somebody can make of the `next_cursor` of a list that they may read. */
export function forgedCursors(cursor: string): string[] {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [shape, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
  const parts = ['x', '', '\0', '\ud800', -1, 1e308, null, '9'.repeat(5_000), '294277-01-01', 'infinity'];
  const each = key.flatMap((_, index) => parts.map((part) => encode([shape, ...key.with(index, part)])));
  return [...each, encode([shape]), encode([shape, ...key, 1]), encode({}), 'AAAA', '%', 'x'.repeat(10_000)];
}

function filled(path: string, segment: string): string {
  return path.replaceAll(/\{\w+\}/g, segment);
}

function queries(operation: Operation): string[] {
  const names = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  return [
    'unknown=1',
    '__proto__[x]=1',
    '%00=1',
    ...names.flatMap(({ name }) => [
      ...QUERY_VALUES.map((value) => `${name}=${value}`),
      `${name}=1&${name}=2`,
      `${name}[]=1`,
      `${name}=${'x'.repeat(5_000)}`,
    ]),
  ];
}

function bodyFields(operation: Operation, schemas: Record<string, Schema>): string[] | null {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (!schema) return null;
  const named = schema.$ref ? schemas[schema.$ref.split('/').at(-1)!] : schema;
  return Object.keys(named?.properties ?? {});
}

function bodies(fields: string[]): (string | Buffer)[] {
  return [
    ...BODIES,
    ...fields.flatMap((field) => VALUES.map((value) => `{${JSON.stringify(field)}:${value}}`)),
    // Every field wrong at once, and every field a plausible text.
    ...VALUES.slice(0, 20).map(
      (value) => `{${fields.map((field) => `${JSON.stringify(field)}:${value}`).join()}}`,
    ),
    `{${fields.map((field) => `${JSON.stringify(field)}:"name-1"`).join()}}`,
  ];
}

function withBody(method: HostileRequest['method'], url: string, payload: string | Buffer): HostileRequest {
  return { method, url, payload, headers: { 'content-type': 'application/json' } };
}
