import { describe, expect, it } from 'vitest';
import { entryErrorsOf, errorOf, otherErrors } from './field-errors';

const error = (field: string, message = field) => ({ field, code: 'x', message });

describe('field errors', () => {
  it('finds the message of a field', () => {
    expect(errorOf([error('python'), error('name', 'Taken.')], 'name')).toBe('Taken.');
    expect(errorOf([error('names')], 'name')).toBeNull();
  });

  it('finds entries however they are written, the first message of each', () => {
    const errors = [error('packages[1]', 'first'), error('packages.1', 'second'), error('packages.12.name')];
    const found = entryErrorsOf([...errors, error('packages'), error('packagesx.3')], 'packages');
    expect([...found.keys()]).toEqual([1, 12]);
    expect(found.get(1)?.message).toBe('first');
  });

  it('keeps what no field shows', () => {
    const rest = otherErrors(
      [error('packages[0]'), error('name'), error('organization')],
      ['name', 'packages'],
    );
    expect(rest.map(({ field }) => field)).toEqual(['organization']);
  });
});
