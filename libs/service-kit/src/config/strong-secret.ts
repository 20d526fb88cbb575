import type { ValidationOptions } from 'class-validator';
import { ValidateBy } from 'class-validator';

const PLACEHOLDERS =
  /change[-_ ]?me|change[-_ ]?this|replace[-_ ]?me|your[-_ ]?(jwt|auth)?[-_ ]?secret|example|placeholder|default/i;
const LEAST_DISTINCT_CHARACTERS = 8;

/** Long enough, and not what a template or a tutorial would contain: such a secret protects nothing. */
export function isStrongSecret(value: unknown, minLength = 32): boolean {
  return (
    typeof value === 'string' &&
    value.length >= minLength &&
    new Set(value).size >= LEAST_DISTINCT_CHARACTERS &&
    !PLACEHOLDERS.test(value)
  );
}

export function IsStrongSecret(minLength = 32, options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isStrongSecret',
      validator: {
        validate: (value) => isStrongSecret(value, minLength),
        defaultMessage: () =>
          `must be at least ${minLength} random characters and no placeholder; make one with: openssl rand -hex 32`,
      },
    },
    options,
  );
}
