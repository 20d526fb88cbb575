'use client';

import { useState } from 'react';
import { addSpecs } from '../../lib/package-entry';
import { ApiProblem, type FieldProblem } from '../../lib/http';
import { entryErrorsOf } from '../../lib/field-errors';

const NO_ERRORS: ReadonlyMap<number, FieldProblem> = new Map();

/** State of a packages field: chips, what is being typed, and what the API refused. */
export function useSpecEntry() {
  const [specs, setSpecs] = useState<string[]>([]);
  const [draft, setDraft] = useState('');
  const [refused, setRefused] = useState(NO_ERRORS);
  return {
    specs,
    draft,
    errors: refused,
    setSpecs(next: string[]) {
      setSpecs(next);
      // Errors carry positions in the list that was sent; a changed list is another one.
      setRefused(NO_ERRORS);
    },
    setDraft,
    /** All specs, the one being typed included; makes it a chip, so that errors find their place. */
    take(): string[] {
      const all = addSpecs(specs, draft);
      setSpecs(all);
      setDraft('');
      return all;
    },
    refuse(error: unknown) {
      setRefused(error instanceof ApiProblem ? entryErrorsOf(error.errors, 'packages') : NO_ERRORS);
    },
    reset() {
      setSpecs([]);
      setDraft('');
      setRefused(NO_ERRORS);
    },
  };
}
