'use client';

import type { PackageManagerType } from '@darb/models';
import type { UseQueryResult } from '@tanstack/react-query';
import { useId } from 'react';
import type { Page, PackageManager } from '../../lib/api';
import { Prose } from '../common/prose';
import { RadioCard, RadioCards } from '../ui/radio-cards';
import { Skeleton } from '../ui/skeleton';

const ABOUT: Record<PackageManagerType, string> = {
  uv: 'Python packages from PyPI',
  pixi: 'Conda packages, PyPI beside them',
};

interface ManagerChoiceProps {
  query: UseQueryResult<Page<PackageManager>>;
  value: PackageManagerType | null;
  onChange: (value: PackageManagerType) => void;
  error: string | null;
}

/** Both managers, always: one that is absent is shown with how to get it, not hidden. */
export function ManagerChoice({ query, value, onChange, error }: ManagerChoiceProps) {
  const id = useId();
  const absent = query.data?.items.filter((item) => !item.available) ?? [];
  return (
    <div className="grid gap-1.5">
      <span id={id} className="text-sm font-medium">
        Package manager
      </span>
      {query.data ? (
        <RadioCards
          aria-labelledby={id}
          value={value ?? ''}
          onValueChange={(next) => onChange(next as PackageManagerType)}
        >
          {[...query.data.items].sort(byAvailability).map((item) => (
            <RadioCard
              key={item.type}
              value={item.type}
              disabled={!item.available}
              heading={
                <span className="font-mono">
                  {item.type}
                  <span className="ml-1.5 text-xs font-normal text-muted-foreground">
                    {item.available ? item.versions[0] : 'not installed'}
                  </span>
                </span>
              }
              note={ABOUT[item.type]}
            />
          ))}
        </RadioCards>
      ) : query.isError ? (
        <p className="text-xs text-muted-foreground">
          The package managers could not be listed; the default one is used. ({query.error.message})
        </p>
      ) : (
        <div className="grid grid-cols-2 gap-2">
          <Skeleton className="h-15.5 rounded-lg" />
          <Skeleton className="h-15.5 rounded-lg" />
        </div>
      )}
      {absent.map((item) =>
        item.reason ? (
          <p key={item.type} className="label">
            <Prose text={item.reason} />
          </p>
        ) : null,
      )}
      {error ? (
        <p role="alert" className="text-xs text-danger">
          <Prose text={error} />
        </p>
      ) : null}
    </div>
  );
}

function byAvailability(a: PackageManager, b: PackageManager): number {
  return Number(b.available) - Number(a.available) || a.type.localeCompare(b.type);
}
