/** RFC 9457 as every service answers it. */
export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'One sentence that says what to do.' },
    code: { type: 'string', description: 'Stable; made for programs.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'message'],
        properties: {
          field: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
          position: { type: ['integer', 'null'], description: 'Character offset in the value.' },
        },
      },
    },
    request_id: { type: ['string', 'null'] },
  },
};
