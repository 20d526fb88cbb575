'use client';

import { isTerminal } from '@darb/models';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLineIcon } from 'lucide-react';
import {
  useCallback,
  useDeferredValue,
  useImperativeHandle,
  useRef,
  useState,
  type CSSProperties,
  type Ref,
} from 'react';
import type { Job } from '../../lib/api';
import type { LogBuffer } from '../../live/log-buffer';
import { cn } from '../../lib/cn';
import { ScrollRegion } from '../common/scroll-region';
import { Button } from '../ui/button';
import { isRemoved, LogLineRow } from './log-line';
import { LogToolbar } from './log-toolbar';
import { useFollow } from './use-follow';
import { useHits } from './use-hits';
import { useLineLink } from './use-line-link';
import { useLogVersion } from './use-log';
import { usePreference } from './use-preference';

export interface LogHandle {
  /** Brings a row into view and stops following. */
  showRow(row: number): void;
}

interface LogViewerProps {
  job: Job;
  log: LogBuffer;
  ref?: Ref<LogHandle>;
}

const LINE_HEIGHT = 20;

/** The live log of a job. Only the rows in view are in the page, so that 100,000 lines scroll like a hundred. */
export function LogViewer({ job, log, ref }: LogViewerProps) {
  useLogVersion(log);
  const [query, setQuery] = useState('');
  const searched = useDeferredValue(query);
  const [hasTimes, setTimes] = usePreference('log.times', () => false);
  const [isWrapped, setWrapped] = usePreference(
    'log.wrap',
    () => window.matchMedia('(width < 40rem)').matches,
  );
  const scroller = useRef<HTMLDivElement>(null);
  const count = log.rows.length;

  // oxlint-disable-next-line react/incompatible-library -- of concern to the React compiler only, which is not used
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 24,
    paddingStart: 8,
    paddingEnd: 8,
  });
  const scrollToEnd = useCallback(() => {
    // Not by index: with wrapped lines the virtual list would still be measuring.
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);
  const { isFollowing, setFollowing, onScroll } = useFollow(
    scroller,
    count,
    scrollToEnd,
    !isTerminal(job.status),
  );

  const showRow = useCallback(
    (row: number) => {
      setFollowing(false);
      virtual.scrollToIndex(row, { align: 'center' });
    },
    [setFollowing, virtual],
  );
  useImperativeHandle(ref, () => ({ showRow }), [showRow]);
  const hits = useHits(log, searched, { range: () => virtual.range, show: showRow });
  const linked = useLineLink(log, showRow);
  // What was removed comes first, behind the notice of its attempt.
  const isRemovedLog = log.rows.slice(0, 2).some(isRemoved);

  const gutter = `${Math.max(4, String(count).length + 1)}ch`;
  const widest = isWrapped ? undefined : `calc(${log.widest}ch + ${hasTimes ? 13 : 0}ch + ${gutter} + 4rem)`;
  return (
    <section
      aria-label="Log"
      className="relative flex min-h-104 grow basis-0 flex-col overflow-hidden rounded-lg border bg-surface shadow-raised"
    >
      <LogToolbar
        job={job}
        log={log}
        search={{ ...hits, query, setQuery, leave: () => scroller.current?.focus() }}
        times={[hasTimes, setTimes]}
        wrap={[isWrapped, setWrapped]}
        follow={[isFollowing, setFollowing]}
      />
      {isRemovedLog ? (
        <p className="border-b bg-warning-soft/60 px-4 py-1.5 text-xs text-warning">
          The log of this job was removed because of its age. How the job ended is kept.
        </p>
      ) : null}
      <ScrollRegion
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label="Log lines"
        onScroll={onScroll}
        className="min-h-0 flex-1 overflow-auto overscroll-contain font-mono text-xs"
      >
        <div
          className="relative min-w-full"
          style={{ height: virtual.getTotalSize(), width: widest, '--gutter': gutter } as CSSProperties}
        >
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.index}
              data-index={item.index}
              ref={isWrapped ? virtual.measureElement : null}
              className={cn('absolute inset-x-0 top-0', !isWrapped && 'h-5')}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogLineRow
                row={log.rows[item.index]!}
                hasTime={hasTimes}
                isWrapped={isWrapped}
                query={searched}
                isCurrent={item.index === hits.current}
                isLinked={item.index === linked.row}
                onLink={linked.link}
              />
            </div>
          ))}
        </div>
        {count === 0 ? <Nothing job={job} isEnded={log.ended} /> : null}
      </ScrollRegion>
      {isFollowing || count === 0 || isTerminal(job.status) ? null : (
        <Button
          size="sm"
          variant="primary"
          onClick={() => setFollowing(true)}
          className="appear absolute right-5 bottom-4 shadow-pop"
        >
          <ArrowDownToLineIcon /> Jump to the end
        </Button>
      )}
    </section>
  );
}

function Nothing({ job, isEnded }: { job: Job; isEnded: boolean }) {
  const isOver = isTerminal(job.status);
  const text = isOver
    ? isEnded
      ? 'This job wrote no log.'
      : 'Loading the log…'
    : job.status === 'pending'
      ? 'The log begins when a worker takes the job.'
      : 'Waiting for the first line…';
  return <p className="px-4 py-3 font-sans text-sm text-muted-foreground">{text}</p>;
}
