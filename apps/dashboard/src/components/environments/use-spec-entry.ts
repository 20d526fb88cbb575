'use client';

import { useState } from 'react';
import { addSpecs } from '../../lib/package-entry';
import { ApiProblem, type FieldProblem } from '../../lib/http';
import { entryErrorsOf } from '../../lib/field-errors';

const NO_ERRORS: ReadonlyMap<number, FieldProblem> = new Map();

interface SpecEntryOptions {
  /** Name of the list in the request's body. */
  field?: string;
  specs?: readonly string[];
  /** Entries that are known to be wrong from the start. */
  marked?: ReadonlyMap<number, FieldProblem>;
}

export type SpecEntry = ReturnType<typeof useSpecEntry>;

/** State of a packages field: chips, what is being typed, and what was refused. */
export function useSpecEntry({
  field = 'packages',
  specs: initial = [],
  marked = NO_ERRORS,
}: SpecEntryOptions = {}) {
  const [specs, setSpecs] = useState<string[]>([...initial]);
  const [draft, setDraft] = useState('');
  // By spec, not by place: what stands wrong stays marked while others are edited around it.
  const [refused, setRefused] = useState(() => bySpec(initial, marked));
  return {
    specs,
    draft,
    errors: new Map(
      specs.flatMap((spec, index) => {
        const problem = refused.get(spec);
        return problem ? [[index, problem] as const] : [];
      }),
    ) as ReadonlyMap<number, FieldProblem>,
    setSpecs,
    setDraft,
    /** All specs, the one being typed included; makes it a chip, so that errors find their place. */
    take(): string[] {
      const all = addSpecs(specs, draft);
      setSpecs(all);
      setDraft('');
      return all;
    },
    /** Marks what the API refused in the list that `take` returned last. */
    refuse(error: unknown) {
      const errors = error instanceof ApiProblem ? entryErrorsOf(error.errors, field) : NO_ERRORS;
      setRefused(bySpec(addSpecs(specs, draft), errors));
    },
  };
}

function bySpec(
  specs: readonly string[],
  errors: ReadonlyMap<number, FieldProblem>,
): ReadonlyMap<string, FieldProblem> {
  return new Map([...errors].map(([index, error]) => [specs[index] ?? '', error]));
}
