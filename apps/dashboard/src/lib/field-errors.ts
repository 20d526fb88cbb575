import type { FieldProblem } from './http';

/** What a problem says about one field. */
export function errorOf(errors: readonly FieldProblem[], field: string): string | null {
  return errors.find((error) => error.field === field)?.message ?? null;
}

/** What it says about entries of a list field: `packages[2]`, `packages.2` and `packages.2.name` all mean entry 2. */
export function entryErrorsOf(errors: readonly FieldProblem[], field: string): Map<number, FieldProblem> {
  const found = new Map<number, FieldProblem>();
  for (const error of errors) {
    if (!error.field.startsWith(field)) continue;
    const index = /^(?:\[(\d+)\]|\.(\d+))/.exec(error.field.slice(field.length));
    if (!index) continue;
    const at = Number(index[1] ?? index[2]);
    if (!found.has(at)) found.set(at, error);
  }
  return found;
}

/** What is left for the form as a whole: errors of fields that it does not show. */
export function otherErrors(errors: readonly FieldProblem[], shown: readonly string[]): FieldProblem[] {
  return errors.filter((error) => !shown.some((field) => error.field.split(/[.[]/)[0] === field));
}
