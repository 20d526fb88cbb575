import type { PackageManagerType } from '@darb/models';
import { cn } from '../../lib/cn';

/** Which tool keeps an environment; written as one types it. */
export function ManagerChip({ manager, className }: { manager: PackageManagerType; className?: string }) {
  return (
    <span
      title={`Managed by ${manager}`}
      className={cn(
        'inline-flex h-4.5 items-center rounded-[5px] border border-border-strong px-1.5 font-mono text-2xs font-medium text-muted-foreground',
        className,
      )}
    >
      {manager}
    </span>
  );
}
