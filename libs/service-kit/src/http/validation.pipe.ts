import type { ArgumentMetadata } from '@nestjs/common';
import { Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { FieldError } from './problem.js';
import { Problem } from './problem.js';

/** Checks bodies and queries against their DTO: unknown fields and wrong values are a 422 that names each. */
@Injectable()
export class DarbValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => fieldErrors(error))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'custom') return value;
    // PostgreSQL can't store U+0000, and nothing that Darb keeps may contain it.
    const field = findNul(value, '');
    if (field !== null) {
      throw validationFailed([
        { field, code: 'invalid_characters', message: 'must not contain a NUL character' },
      ]);
    }
    // The stock pipe would accept `[]` for a DTO: an array without elements has no element to complain about.
    if (metadata.type === 'body' && isClass(metadata.metatype) && !isPlainObject(value ?? {})) {
      throw validationFailed([{ field: '', code: 'invalid', message: 'the body must be a JSON object' }]);
    }
    return super.transform(value, metadata);
  }
}

export function validationFailed(errors: FieldError[]): Problem {
  const first = errors[0];
  const detail = first ? `${first.field} ${first.message}`.trim() : 'The request is not valid';
  return new Problem(422, 'validation_failed', `${detail}.`, { errors });
}

function fieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.entries(error.constraints ?? {}).map(([name, message]) => ({
    field,
    code: name === 'whitelistValidation' ? 'unknown_field' : snakeCase(name),
    message:
      name === 'whitelistValidation'
        ? 'is not a known field'
        : message.startsWith(`${error.property} `)
          ? message.slice(error.property.length + 1)
          : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');
}

function isClass(metatype: unknown): boolean {
  return (
    typeof metatype === 'function' &&
    ![String, Number, Boolean, Array, Object, Buffer].includes(metatype as never)
  );
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value);
}

function findNul(value: unknown, path: string): string | null {
  if (typeof value === 'string') return value.includes('\0') ? path : null;
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return null;
  for (const [key, child] of Object.entries(value)) {
    if (key.includes('\0')) return path;
    const found = findNul(child, path ? `${path}.${key}` : key);
    if (found !== null) return found;
  }
  return null;
}
