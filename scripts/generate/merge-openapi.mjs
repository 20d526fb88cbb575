const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const SCHEMA_REFERENCE = '#/components/schemas/';

/** The routes that the gateway answers itself. */
const HEALTH = {
  get: {
    operationId: 'Health_get',
    summary: 'Whether all of Darb works.',
    description: '200 when every service is ready, an admin exists and a worker has registered, else 503.',
    tags: ['health'],
    security: [],
    parameters: [],
    responses: Object.fromEntries(
      [
        ['200', 'Everything works.'],
        ['503', 'Something is missing; the body says what.'],
      ].map(([status, description]) => [
        status,
        { description, content: { 'application/json': { schema: { $ref: `${SCHEMA_REFERENCE}Health` } } } },
      ]),
    ),
  },
};
const HEALTH_SCHEMA = {
  type: 'object',
  required: ['status', 'services', 'admin'],
  properties: {
    status: { type: 'string', enum: ['ok', 'unavailable'] },
    services: {
      type: 'object',
      description:
        'One member for each service with its status, and `worker.registered`, the number of live workers.',
      additionalProperties: { type: 'object', additionalProperties: true },
    },
    admin: { type: 'boolean', description: 'Whether somebody can sign in who may create further users.' },
  },
};

/**
 * One document of all services, for the page at /docs. Schemas of one name and different content get the service's
 * name in front.
 * @param {Record<string, any>} documents by service
 * @param {(path: string) => string} serviceOfPath where the gateway sends a path
 */
export function mergeDocuments(documents, serviceOfPath) {
  const clashing = clashingSchemas(documents);
  const merged = { paths: { '/api/v1/health': HEALTH }, schemas: { Health: HEALTH_SCHEMA }, security: {} };
  let version = '';
  for (const [service, original] of Object.entries(documents)) {
    const document = renameSchemas(structuredClone(original), clashing, capitalized(service));
    version = document.info.version;
    for (const [path, item] of Object.entries(document.paths)) {
      if (!path.startsWith('/api/v1/')) continue;
      if (serviceOfPath(path) !== service) {
        throw new Error(
          `${service} has the route ${path}, but the gateway would ask ${serviceOfPath(path)}.`,
        );
      }
      merged.paths[path] = tagged(item, path.split('/')[3]);
    }
    Object.assign(merged.schemas, document.components.schemas);
    Object.assign(merged.security, document.components.securitySchemes);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Darb API',
      version,
      description:
        'Make, change, share and use Pixi and uv environments. Sign in with `POST /api/v1/auth/login` and send the token as `Authorization: Bearer …`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: tagsOf(merged.paths),
    paths: sorted(merged.paths),
    components: { schemas: sorted(merged.schemas), securitySchemes: sorted(merged.security) },
  };
}

/** The first noun of a path groups its routes on the page. */
function tagged(item, noun) {
  for (const method of METHODS) if (item[method]) item[method].tags = [noun];
  return item;
}

function tagsOf(paths) {
  const nouns = new Set(Object.keys(paths).map((path) => path.split('/')[3]));
  return [...nouns].sort().map((name) => ({ name }));
}

function clashingSchemas(documents) {
  const texts = new Map();
  const references = new Map();
  const clashing = new Set();
  for (const { components } of Object.values(documents)) {
    for (const [name, schema] of Object.entries(components.schemas ?? {})) {
      const text = JSON.stringify(canonical(schema));
      if (texts.has(name) && texts.get(name) !== text) clashing.add(name);
      texts.set(name, text);
      const found = text.matchAll(/"#\/components\/schemas\/([^"]+)"/g);
      references.set(name, new Set([...(references.get(name) ?? []), ...[...found].map(([, to]) => to)]));
    }
  }
  return withDependents(clashing, references);
}

/** A schema that names a renamed one changes with it. */
function withDependents(clashing, references) {
  const all = new Set(clashing);
  for (let before = -1; before !== all.size;) {
    before = all.size;
    for (const [name, targets] of references)
      if ([...targets].some((target) => all.has(target))) all.add(name);
  }
  return all;
}

function renameSchemas(document, names, prefix) {
  const renamed = (name) => (names.has(name) ? `${prefix}${name}` : name);
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        key === '$ref' && typeof inner === 'string' && inner.startsWith(SCHEMA_REFERENCE)
          ? [key, SCHEMA_REFERENCE + renamed(inner.slice(SCHEMA_REFERENCE.length))]
          : [key, walk(inner)],
      ),
    );
  };
  const result = walk(document);
  result.components.schemas = Object.fromEntries(
    Object.entries(result.components.schemas).map(([name, schema]) => [renamed(name), schema]),
  );
  return result;
}

function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return sorted(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, canonical(inner)])));
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
