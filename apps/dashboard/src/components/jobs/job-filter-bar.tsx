'use client';

import { JOB_STATUSES } from '@darb/models';
import { UserIcon, XIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job, JobFilters } from '../../lib/api';
import { cn } from '../../lib/cn';
import { toggleStatus } from '../../lib/job-filters';
import { SHOWN_JOB_TYPES } from '../../lib/job-types';
import { jobStatusLabel } from '../common/status';
import { setQueryParameters } from '../common/use-query-parameter';
import { Button } from '../ui/button';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '../ui/select';
import { EnvironmentFilter } from './environment-filter';
import { jobTypeLabel } from './job-words';

const ANY = 'any';

export function clearFilters(): void {
  setQueryParameters({ status: '', type: '', environment: '', by: '' });
}

interface JobFilterBarProps {
  filters: JobFilters;
  isFiltered: boolean;
}

/** Everything here is in the address: a link shows the same list to somebody else. */
export function JobFilterBar({ filters, isFiltered }: JobFilterBarProps) {
  const { status, type, environment_id: environmentId, requested_by: requestedBy } = filters;
  return (
    <div role="group" aria-label="Filters" className="mt-5 mb-3 flex flex-wrap items-center gap-2">
      <div role="group" aria-label="Status" className="flex flex-wrap gap-1">
        {JOB_STATUSES.map((value) => (
          <Chip
            key={value}
            isOn={status?.includes(value) ?? false}
            onClick={() => setQueryParameters({ status: toggleStatus(status, value).join(',') })}
          >
            {jobStatusLabel(value)}
          </Chip>
        ))}
      </div>
      <TypeFilter value={type} />
      <EnvironmentFilter value={environmentId ?? null} />
      <Chip
        isOn={requestedBy !== undefined}
        onClick={() => setQueryParameters({ by: requestedBy === undefined ? 'me' : '' })}
      >
        <UserIcon className="size-3.5" aria-hidden="true" /> Requested by me
      </Chip>
      {isFiltered ? (
        <Button variant="ghost" onClick={clearFilters}>
          <XIcon /> Clear
        </Button>
      ) : null}
    </div>
  );
}

function TypeFilter({ value }: { value: Job['type'] | undefined }) {
  return (
    <Select
      value={value ?? ANY}
      onValueChange={(next) => setQueryParameters({ type: next === ANY ? '' : next })}
    >
      <SelectTrigger aria-label="Type" className={cn('w-44', value && 'border-primary text-primary')}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={ANY}>Any type</SelectItem>
        {SHOWN_JOB_TYPES.map((type) => (
          <SelectItem key={type} value={type}>
            {jobTypeLabel(type)}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}

interface ChipProps {
  isOn: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Chip({ isOn, onClick, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cn(
        'inline-flex h-8 items-center gap-1.5 rounded-md border px-2.5 text-sm font-medium transition-colors',
        isOn
          ? 'border-primary bg-primary-soft text-primary'
          : 'border-border-strong bg-surface text-muted-foreground shadow-raised hover:bg-hover',
      )}
    >
      {children}
    </button>
  );
}
