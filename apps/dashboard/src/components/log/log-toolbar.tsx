'use client';

import {
  ArrowDownToLineIcon,
  ChevronDownIcon,
  ChevronUpIcon,
  ClockIcon,
  DownloadIcon,
  FileArchiveIcon,
  FileTextIcon,
  SearchIcon,
  WrapTextIcon,
  type LucideIcon,
} from 'lucide-react';
import { useRef } from 'react';
import { stripAnsi } from '../../lib/ansi';
import { logDownloadUrl, logUrl, type Job } from '../../lib/api';
import { cn } from '../../lib/cn';
import { plural } from '../../lib/format';
import type { LogBuffer } from '../../live/log-buffer';
import { CopyButton } from '../common/copy-button';
import { useShortcut } from '../common/use-shortcut';
import { Button } from '../ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu';
import { Input } from '../ui/input';

type Switch = readonly [isOn: boolean, set: (value: boolean) => void];

interface LogToolbarProps {
  job: Job;
  log: LogBuffer;
  search: {
    query: string;
    setQuery: (value: string) => void;
    /** From 1; 0 when nothing is found. */
    position: number;
    total: number;
    next: () => void;
    previous: () => void;
    /** Gives the keyboard back to the log. */
    leave: () => void;
  };
  times: Switch;
  wrap: Switch;
  follow: Switch;
}

export function LogToolbar({ job, log, search, times, wrap, follow }: LogToolbarProps) {
  return (
    <div className="flex flex-wrap items-center gap-1 border-b bg-sunken/60 p-1.5">
      <LogSearchBox search={search} />
      <span className="figures mx-2 text-xs whitespace-nowrap text-muted-foreground max-md:hidden">
        {plural(log.rows.length, 'line')}
      </span>
      <div className="ml-auto flex items-center gap-0.5">
        <Toggle icon={ArrowDownToLineIcon} label="Follow" state={follow} />
        <Toggle icon={ClockIcon} label="Times" state={times} />
        <Toggle icon={WrapTextIcon} label="Wrap" state={wrap} />
        <span aria-hidden="true" className="mx-1 h-4 w-px bg-border-strong max-sm:hidden" />
        <CopyButton text={() => readLog(job.id)} label="Copy the log" />
        <DownloadMenu job={job} />
      </div>
    </div>
  );
}

function DownloadMenu({ job }: { job: Job }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label="Download the log" title="Download the log">
          <DownloadIcon className="size-3.5" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem asChild>
          <a href={logDownloadUrl(job.id)} download>
            <FileTextIcon /> Text
          </a>
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <a href={logDownloadUrl(job.id, 'gzip')} download>
            <FileArchiveIcon /> Compressed (gzip)
          </a>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function LogSearchBox({ search }: { search: LogToolbarProps['search'] }) {
  const input = useRef<HTMLInputElement>(null);
  useShortcut('/', () => input.current?.focus());
  const { query, setQuery, position, total, next, previous, leave } = search;
  return (
    <div role="search" className="flex min-w-0 items-center gap-0.5 max-sm:w-full">
      <div className="relative min-w-0 flex-1 sm:w-56">
        <SearchIcon
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-faint"
        />
        <Input
          ref={input}
          aria-label="Search in the log"
          placeholder="Search in the log"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              setQuery('');
              leave();
            }
            if (event.key !== 'Enter') return;
            event.preventDefault();
            if (event.shiftKey) previous();
            else next();
          }}
          className="h-7 pr-20 pl-7 text-xs"
        />
        <span
          role="status"
          className="figures pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 text-2xs text-muted-foreground"
        >
          {query === '' ? '' : total === 0 ? 'no hits' : `${position} of ${total.toLocaleString('en')}`}
        </span>
      </div>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label="Previous hit"
        disabled={total === 0}
        onClick={previous}
      >
        <ChevronUpIcon />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label="Next hit" disabled={total === 0} onClick={next}>
        <ChevronDownIcon />
      </Button>
    </div>
  );
}

function Toggle({
  icon: Icon,
  label,
  state: [isOn, set],
}: {
  icon: LucideIcon;
  label: string;
  state: Switch;
}) {
  return (
    <Button
      variant="ghost"
      size="sm"
      aria-pressed={isOn}
      onClick={() => set(!isOn)}
      className={cn('px-2', isOn && 'bg-primary-soft text-primary hover:bg-primary-soft hover:text-primary')}
    >
      <Icon className="size-3.5" />
      <span className="max-[26rem]:sr-only">{label}</span>
    </Button>
  );
}

async function readLog(jobId: string): Promise<string> {
  const response = await fetch(logUrl(jobId));
  if (!response.ok) throw new Error(`The log answered ${response.status}.`);
  return (await response.text()).split('\n').map(stripAnsi).join('\n');
}
