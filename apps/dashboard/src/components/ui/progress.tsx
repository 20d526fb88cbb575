import { cn } from '../../lib/cn';

interface ProgressProps {
  done: number | null;
  total: number | null;
  label: string;
  className?: string;
}

/** How far something is; without numbers it only says that something goes on. */
export function Progress({ done, total, label, className }: ProgressProps) {
  const known = done !== null && total !== null && total > 0;
  const percent = known ? Math.min(100, (done / total) * 100) : undefined;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === undefined ? undefined : Math.round(percent)}
      className={cn('h-1 overflow-hidden rounded-full bg-hover', className)}
    >
      {percent === undefined ? (
        <div className="sweep h-full w-[28%] rounded-full bg-primary" />
      ) : (
        <div
          className="h-full rounded-full bg-primary transition-[width] duration-300"
          style={{ width: `${percent}%` }}
        />
      )}
    </div>
  );
}
