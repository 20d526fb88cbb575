import { memo } from 'react';
import { parseAnsi } from '../../lib/ansi';
import { cn } from '../../lib/cn';
import { formatBytes, plural } from '../../lib/format';
import { markHits } from '../../lib/log-search';
import type { LogRow } from '../../live/log-buffer';
import type { LogPlace } from '../../live/log-place';

interface LogLineRowProps {
  row: LogRow;
  hasTime: boolean;
  isWrapped: boolean;
  query: string;
  /** The hit of a search that one is at. */
  isCurrent: boolean;
  /** The line that the address names. */
  isLinked: boolean;
  onLink: (place: LogPlace) => void;
}

export const LogLineRow = memo(function LogLineRow({
  row,
  hasTime,
  isWrapped,
  query,
  isCurrent,
  isLinked,
  onLink,
}: LogLineRowProps) {
  if (row.kind !== 'line') return <Notice row={row} />;
  const { line } = row;
  const isOurs = line.stream === 'darb';
  return (
    <div
      data-stream={line.stream}
      aria-current={isLinked || undefined}
      className={cn(
        'flex min-w-full border-l-2 leading-5 hover:bg-hover/60',
        line.stream === 'stdout' && 'border-transparent',
        line.stream === 'stderr' && 'border-saffron/70',
        isOurs && 'border-primary bg-primary-soft/35 text-primary',
        (isCurrent || isLinked) && 'bg-saffron-soft hover:bg-saffron-soft',
      )}
    >
      {/* Not a stop of the keyboard: there are as many as lines. */}
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Copy a link to line ${line.seq}`}
        title="Copy a link to this line"
        onClick={() => onLink(line)}
        className="box-content w-(--gutter) shrink-0 self-start pr-3 text-right text-muted-foreground select-none hover:text-primary hover:underline"
      >
        {line.seq}
      </button>
      {hasTime ? (
        <time
          dateTime={line.time}
          title={line.time}
          className="w-[13ch] shrink-0 text-muted-foreground select-none"
        >
          {clockTime(line.time)}
        </time>
      ) : null}
      <span className={cn('pr-4', isWrapped ? 'min-w-0 break-words whitespace-pre-wrap' : 'whitespace-pre')}>
        {line.stream === 'stdout' ? null : <span className="sr-only">{isOurs ? 'Darb: ' : 'stderr: '}</span>}
        <LineText text={line.text} query={query} />
      </span>
    </div>
  );
});

function LineText({ text, query }: { text: string; query: string }) {
  const parts = parseAnsi(text);
  return markHits(parts, query).map(({ part, isHit }, index) => {
    const style =
      part.color || part.background ? { color: part.color, backgroundColor: part.background } : undefined;
    return isHit ? (
      <mark key={index} className={cn(part.className, 'rounded-[2px] bg-saffron text-black')}>
        {part.text}
      </mark>
    ) : part.className || style ? (
      <span key={index} className={part.className} style={style}>
        {part.text}
      </span>
    ) : (
      part.text
    );
  });
}

/** What stands in place of lines, or between attempts. */
function Notice({ row }: { row: Exclude<LogRow, { kind: 'line' }> }) {
  return (
    <p className="flex h-5 items-center gap-3 px-4 font-sans text-xs text-warning italic select-none">
      <span aria-hidden="true" className="h-px w-6 bg-border-strong" />
      {noticeText(row)}
      <span aria-hidden="true" className="h-px flex-1 bg-border-strong" />
    </p>
  );
}

export function noticeText(row: Exclude<LogRow, { kind: 'line' }>): string {
  if (row.kind === 'attempt') return `Attempt ${row.epoch}`;
  if (row.kind === 'missing') return `${plural(row.to - row.from + 1, 'line')} did not arrive`;
  const { from, to, bytes } = row.gap;
  const size = bytes > 0 ? ` (${formatBytes(bytes)})` : '';
  const lines = `${plural(to - from + 1, 'line')}${size}`;
  return isRemoved(row)
    ? `${lines} removed: this log is older than logs are kept`
    : `${lines} left out: the log reached its size limit`;
}

/** Whether these lines were there once and went because of their age. */
export function isRemoved(row: LogRow): boolean {
  return row.kind === 'gap' && (row.gap as { reason?: string }).reason === 'retention';
}

function clockTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
