'use client';

import { JOB_PHASES } from '@darb/models';
import type { JobAttempt } from '../../lib/api';
import { formatDuration } from '../../lib/format';
import { Panel } from '../common/page';
import { Cell, HeadCell, Table } from '../common/table';
import { Duration, RelativeTime } from '../common/time';
import { outcomeLabel, PHASE_LABEL } from './job-words';

interface AttemptsProps {
  attempts: readonly JobAttempt[];
  /** Goes to the first line of an attempt. */
  onSelect: (attempt: number) => void;
}

/** Every time a worker took the job: which one, when, and how it ended. The latest comes first. */
export function Attempts({ attempts, onSelect }: AttemptsProps) {
  return (
    <Panel>
      <Table aria-label="Attempts">
        <thead>
          <tr>
            <HeadCell className="w-20">Attempt</HeadCell>
            <HeadCell>Outcome</HeadCell>
            <HeadCell from="sm">Worker</HeadCell>
            <HeadCell from="md">Phases</HeadCell>
            <HeadCell align="right" className="w-24">
              Duration
            </HeadCell>
            <HeadCell from="sm" align="right" className="w-32">
              Started
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {attempts.toReversed().map((attempt) => (
            <tr key={attempt.number} className="border-b last:border-b-0">
              <Cell className="py-1.5">
                <button
                  type="button"
                  title="Go to its first line"
                  onClick={() => onSelect(attempt.number)}
                  className="figures rounded-sm font-medium text-primary hover:underline"
                >
                  {attempt.number}
                </button>
              </Cell>
              <Cell className="py-1.5">{outcomeLabel(attempt.outcome)}</Cell>
              <Cell from="sm" className="py-1.5 font-mono text-xs break-all">
                {attempt.worker ?? '–'}
              </Cell>
              <Cell from="md" className="figures py-1.5 text-xs text-muted-foreground">
                {phasesOf(attempt)}
              </Cell>
              <Cell align="right" className="py-1.5 whitespace-nowrap">
                <Duration from={attempt.started_at} to={attempt.ended_at} />
              </Cell>
              <Cell
                from="sm"
                align="right"
                className="py-1.5 text-xs whitespace-nowrap text-muted-foreground"
              >
                <RelativeTime at={attempt.started_at} />
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

function phasesOf({ timings }: JobAttempt): string {
  const parts = JOB_PHASES.flatMap((phase) => {
    const ms = timings?.[phase];
    return ms === undefined ? [] : [`${PHASE_LABEL[phase]} ${formatDuration(ms)}`];
  });
  return parts.join(' · ') || '–';
}
