'use client';

import { JOB_STATUSES, JOB_TYPES, type JobStatus, type JobType } from '@darb/models';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ListChecksIcon, XIcon } from 'lucide-react';
import Link from 'next/link';
import { queries } from '../../lib/queries';
import { jobFilters } from '../../lib/job-filters';
import { Page, PageHeader, Panel } from '../common/page';
import { EmptyState, ErrorState, LoadMore } from '../common/states';
import { jobStatusLabel } from '../common/status';
import { useQueryParameter } from '../common/use-query-parameter';
import { Button, buttonVariants } from '../ui/button';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '../ui/select';
import { JobTable, JobTableSkeleton } from './job-table';
import { jobTypeLabel } from './job-words';
import { useEnvironmentNames } from './use-environment-names';

const ANY = 'any';

export function JobList() {
  const [status, setStatus] = useQueryParameter('status');
  const [type, setType] = useQueryParameter('type');
  const filters = jobFilters({ status, type });
  const isFiltered = filters.status !== undefined || filters.type !== undefined;
  const query = useInfiniteQuery({ ...queries.jobs(filters), placeholderData: (previous) => previous });
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const environmentName = useEnvironmentNames(jobs);
  const clear = () => {
    setStatus('');
    setType('');
  };

  return (
    <Page>
      <PageHeader title="Jobs" />
      <div className="mt-5 mb-3 flex flex-wrap items-center gap-2">
        <Filter
          label="Status"
          value={filters.status ?? ANY}
          options={JOB_STATUSES.map((value) => [value, jobStatusLabel(value)])}
          anyLabel="Any status"
          onChange={setStatus}
        />
        <Filter
          label="Type"
          value={filters.type ?? ANY}
          options={JOB_TYPES.map((value) => [value, jobTypeLabel(value)])}
          anyLabel="Any type"
          onChange={setType}
        />
        {isFiltered ? (
          <Button variant="ghost" onClick={clear}>
            <XIcon /> Clear
          </Button>
        ) : null}
      </div>
      <Panel>
        {query.isPending ? (
          <JobTableSkeleton hasEnvironment />
        ) : query.isError && jobs.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : jobs.length > 0 ? (
          <div className={query.isPlaceholderData ? 'opacity-60 transition-opacity' : undefined}>
            <JobTable jobs={jobs} environmentName={environmentName} />
            <LoadMore query={query} />
          </div>
        ) : isFiltered ? (
          <EmptyState
            icon={ListChecksIcon}
            title="No job fits"
            action={<Button onClick={clear}>Show all jobs</Button>}
          />
        ) : (
          <EmptyState
            icon={ListChecksIcon}
            title="Nothing has run yet"
            action={
              <Link href="/environments" className={buttonVariants({ variant: 'primary' })}>
                Go to environments
              </Link>
            }
          >
            Every change of an environment is a job. It appears here when you ask for one.
          </EmptyState>
        )}
      </Panel>
    </Page>
  );
}

interface FilterProps {
  label: string;
  value: string;
  options: readonly (readonly [value: JobStatus | JobType, label: string])[];
  anyLabel: string;
  onChange: (value: string) => void;
}

function Filter({ label, value, options, anyLabel, onChange }: FilterProps) {
  return (
    <Select value={value} onValueChange={(next) => onChange(next === ANY ? '' : next)}>
      <SelectTrigger aria-label={label} className="w-40 max-sm:flex-1">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={ANY}>{anyLabel}</SelectItem>
        {options.map(([option, text]) => (
          <SelectItem key={option} value={option}>
            {text}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
