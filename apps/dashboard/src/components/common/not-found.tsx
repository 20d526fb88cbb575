import Link from 'next/link';
import { buttonVariants } from '../ui/button';

interface NotFoundProps {
  what: 'page' | 'environment' | 'job';
}

/** A way that ends: nothing here, or nothing that one may see, which looks the same on purpose. */
export function NotFound({ what }: NotFoundProps) {
  const back =
    what === 'job'
      ? { href: '/jobs', label: 'All jobs' }
      : { href: '/environments', label: 'All environments' };
  return (
    <div className="grid flex-1 place-items-center p-6">
      <div className="grid max-w-sm justify-items-center gap-5 text-center">
        <svg viewBox="0 0 120 64" fill="none" aria-hidden="true" className="w-36">
          <path
            d="M4 52h40c18 0 12-40 32-40h8"
            stroke="var(--border-strong)"
            strokeWidth="14"
            strokeLinecap="round"
          />
          <path
            d="M4 52h40c18 0 12-40 32-40h8"
            stroke="var(--saffron)"
            strokeWidth="2"
            strokeLinecap="round"
            strokeDasharray="6 7"
          />
          <path
            d="m101 5 12 14m0-14-12 14"
            stroke="var(--muted-foreground)"
            strokeWidth="3"
            strokeLinecap="round"
          />
        </svg>
        <div className="grid gap-1.5">
          <h1 className="text-xl font-semibold tracking-[-0.015em]">There is no such {what}</h1>
          <p className="text-muted-foreground">
            {what === 'page'
              ? 'The address leads nowhere. It may have been typed wrong, or moved.'
              : `It may have been deleted, or it belongs to an organization that you are not in.`}
          </p>
        </div>
        <Link href={back.href} className={buttonVariants({ variant: 'primary' })}>
          {back.label}
        </Link>
      </div>
    </div>
  );
}
