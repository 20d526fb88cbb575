import { describe, expect, it } from 'vitest';
import { toOpenApi31 } from './to-openapi-31.js';

describe('toOpenApi31', () => {
  it('spells "may be null" as a type', () => {
    expect(toOpenApi31({ type: 'string', nullable: true })).toEqual({ type: ['string', 'null'] });
    expect(toOpenApi31({ type: 'string', enum: ['a'], nullable: true })).toEqual({
      type: ['string', 'null'],
      enum: ['a', null],
    });
    expect(toOpenApi31({ allOf: [{ $ref: '#/x' }], nullable: true, description: 'why' })).toEqual({
      description: 'why',
      anyOf: [{ $ref: '#/x' }, { type: 'null' }],
    });
  });

  it('drops a false one, and leaves a property of that name alone', () => {
    expect(toOpenApi31({ type: 'string', nullable: false })).toEqual({ type: 'string' });
    const schema = { properties: { nullable: { type: 'boolean' } } };
    expect(toOpenApi31(schema)).toEqual(schema);
  });
});
