import { otherErrors } from '../../lib/field-errors';
import { ApiProblem } from '../../lib/http';
import { Prose } from '../common/prose';

interface FormErrorProps {
  error: Error | null;
  /** Whether a field shows it already. */
  isPlaced: boolean;
  /** Fields that the form shows: their errors stand beside them. */
  shownFields: readonly string[];
}

/** What the API said that belongs to no field of the form. */
export function FormError({ error, isPlaced, shownFields }: FormErrorProps) {
  if (!error) return null;
  const others = error instanceof ApiProblem ? otherErrors(error.errors, shownFields) : [];
  if (isPlaced && others.length === 0) return null;
  return (
    <div role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      {others.length > 0 ? (
        others.map(({ field, message }) => `${field}: ${message}`).join(' ')
      ) : (
        <Prose text={error.message} />
      )}
    </div>
  );
}
