import type { FieldError } from './problem.js';
import { Problem } from './problem.js';

/** A body of thousands of wrong values does not get as many sentences back. */
const MOST_ERRORS = 50;

export function validationFailed(errors: FieldError[]): Problem {
  const first = errors[0];
  const detail = first ? `${first.field} ${first.message}`.trim() : 'The request is not valid';
  return new Problem(422, 'validation_failed', `${detail}.`, { errors: errors.slice(0, MOST_ERRORS) });
}
