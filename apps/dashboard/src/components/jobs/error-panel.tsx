import type { JobError } from '@darb/models';
import { CircleAlertIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { parseAnsi } from '../../lib/ansi';
import { adviceFor } from '../../lib/error-advice';
import { Prose } from '../common/prose';
import { CopyButton } from '../common/copy-button';
import { ScrollRegion } from '../common/scroll-region';

interface ErrorPanelProps {
  heading: string;
  error: Pick<JobError, 'code' | 'message'> & { extract?: string | null };
  action?: ReactNode;
}

/** Why something failed: the sentence first, then the tool's own words. */
export function ErrorPanel({ heading, error, action }: ErrorPanelProps & { error: Partial<JobError> }) {
  const advice = adviceFor(error);
  return (
    <section
      aria-label={heading}
      className="appear overflow-hidden rounded-lg border border-danger/35 bg-danger-soft/60"
    >
      <div className="flex items-start gap-3 px-4 py-3 max-sm:flex-wrap">
        <CircleAlertIcon className="mt-0.5 size-4.5 shrink-0 text-danger" aria-hidden="true" />
        <div className="grid min-w-0 flex-1 gap-0.5 max-sm:basis-3/4">
          <h2 className="flex flex-wrap items-baseline gap-x-2 font-semibold">
            {heading} <code className="font-mono text-xs font-normal text-danger">{error.code}</code>
          </h2>
          <p className="text-sm break-words">
            <Prose text={error.message} />
          </p>
          {advice ? <p className="text-sm text-muted-foreground">{advice}</p> : null}
        </div>
        {action ? (
          <div className="flex flex-wrap items-center gap-2 max-sm:w-full max-sm:pl-7.5">{action}</div>
        ) : null}
      </div>
      {error.extract ? (
        <div className="relative border-t border-danger/20 bg-surface/70">
          <ScrollRegion
            aria-label="The tool’s own message"
            className="max-h-72 overflow-auto py-2.5 pr-12 pl-4 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
          >
            {parseAnsi(error.extract).map((part, index) => (
              <span key={index} className={part.className}>
                {part.text}
              </span>
            ))}
          </ScrollRegion>
          <CopyButton text={error.extract} label="Copy the message" className="absolute top-1.5 right-2" />
        </div>
      ) : null}
    </section>
  );
}
