/** Nest writes the 3.0 spelling of "may be null"; in 3.1 it is a type of its own. */
export function toOpenApi31(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toOpenApi31);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, toOpenApi31(child)]),
  );
  // A property may itself be called "nullable"; only the boolean keyword is meant.
  if (typeof nullable !== 'boolean') return nullable === undefined ? rest : { ...rest, nullable };
  return nullable ? orNull(rest) : rest;
}

function orNull(schema: Record<string, unknown>): Record<string, unknown> {
  const { description, ...rest } = schema;
  const described = description === undefined ? {} : { description };
  if (Array.isArray(rest['enum']))
    return { ...schema, type: [rest['type'], 'null'], enum: [...rest['enum'], null] };
  if (typeof rest['type'] === 'string') return { ...schema, type: [rest['type'], 'null'] };
  const all = rest['allOf'];
  const only = Array.isArray(all) && all.length === 1 ? (all[0] as object) : rest;
  return { ...described, anyOf: [only, { type: 'null' }] };
}
