import type { ArgumentMetadata } from '@nestjs/common';
import { Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { findUnfit } from './json-body.js';
import type { FieldError } from './problem.js';
import { validationFailed } from './validation-failed.js';

/** Checks bodies and queries against their DTO: unknown fields and wrong values are a 422 that names each. */
@Injectable()
export class DarbValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => fieldErrors(error))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'custom') return value;
    // The parser of bodies has looked already.
    const unfit = metadata.type === 'body' ? null : findUnfit(value, metadata.data ?? '');
    if (unfit) throw validationFailed([unfit]);
    // The stock pipe would accept `[]` for a DTO: an array without elements has no element to complain about.
    if (metadata.type === 'body' && isClass(metadata.metatype) && !isPlainObject(value ?? {})) {
      throw validationFailed([{ field: '', code: 'invalid', message: 'the body must be a JSON object' }]);
    }
    return super.transform(value, metadata);
  }
}

/** Checks of a value's kind. When one of them fails, the others (length, range) would only repeat it in other words. */
const KIND_CHECKS = [
  'whitelistValidation',
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'isArray',
  'isObject',
  'isIn',
];

function fieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  return [
    ...ownErrors(error, field),
    ...(error.children ?? []).flatMap((child) => fieldErrors(child, field)),
  ];
}

function ownErrors(error: ValidationError, field: string): FieldError[] {
  const constraints = error.constraints ?? {};
  if ('whitelistValidation' in constraints)
    return [{ field, code: 'unknown_field', message: 'is not a known field' }];
  if (error.value === undefined && Object.keys(constraints).length > 0) {
    return [{ field, code: 'required', message: 'is required' }];
  }
  const kind = KIND_CHECKS.find((name) => name in constraints);
  return Object.entries(constraints)
    .filter(([name]) => kind === undefined || name === kind)
    .map(([name, message]) => ({
      field,
      code: snakeCase(name),
      message: message.startsWith(`${error.property} `) ? message.slice(error.property.length + 1) : message,
    }));
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
