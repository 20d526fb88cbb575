import { Label as LabelPrimitive } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { Prose } from '../common/prose';
import { cn } from '../../lib/cn';

export interface FieldIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  className?: string;
  children: (ids: FieldIds) => ReactNode;
}

/** A label, its control, and what is to be said about it; wired together for screen readers. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className={cn('grid gap-1.5', className)}>
      <LabelPrimitive.Root htmlFor={id} className="text-sm font-medium">
        {label}
      </LabelPrimitive.Root>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-xs text-danger">
          <Prose text={error} />
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className="label">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
