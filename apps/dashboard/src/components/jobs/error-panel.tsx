import type { JobError } from '@darb/models';
import { CircleAlertIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { parseAnsi } from '../../lib/ansi';
import { Prose } from '../common/prose';
import { CopyButton } from '../common/copy-button';
import { ScrollRegion } from '../common/scroll-region';

interface ErrorPanelProps {
  heading: string;
  error: Pick<JobError, 'code' | 'message'> & { extract?: string | null };
  action?: ReactNode;
}

const FAMILY: Record<JobError['family'], string | null> = {
  user: null,
  operational: 'This is for the people who run this Darb: nothing is wrong with what you asked for.',
  bug: 'This is a fault in Darb. Please report it.',
};

/** Why something failed: the sentence first, then the tool's own words. */
export function ErrorPanel({ heading, error, action }: ErrorPanelProps & { error: Partial<JobError> }) {
  const family = error.family ? FAMILY[error.family] : null;
  return (
    <section
      aria-label={heading}
      className="appear overflow-hidden rounded-lg border border-danger/35 bg-danger-soft/60"
    >
      <div className="flex items-start gap-3 px-4 py-3">
        <CircleAlertIcon className="mt-0.5 size-4.5 shrink-0 text-danger" aria-hidden="true" />
        <div className="grid min-w-0 flex-1 gap-0.5">
          <h2 className="flex flex-wrap items-baseline gap-x-2 font-semibold">
            {heading} <code className="font-mono text-xs font-normal text-danger">{error.code}</code>
          </h2>
          <p className="text-sm break-words">
            <Prose text={error.message} />
          </p>
          {family ? <p className="text-sm text-muted-foreground">{family}</p> : null}
        </div>
        {action}
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
