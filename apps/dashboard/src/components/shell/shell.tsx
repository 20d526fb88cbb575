'use client';

import {
  ChevronsUpDownIcon,
  HardDriveIcon,
  LayersIcon,
  ListChecksIcon,
  ServerIcon,
  type LucideIcon,
} from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn';
import { Logotype } from '../logo';
import { AccountMenu, Avatar } from './account-menu';
import { LiveIndicator } from './live-indicator';
import { OfflineBanner } from './offline';
import { usePerson } from './session-context';

interface Section {
  href: string;
  label: string;
  icon: LucideIcon;
}

const SECTIONS: readonly Section[] = [
  { href: '/environments', label: 'Environments', icon: LayersIcon },
  { href: '/jobs', label: 'Jobs', icon: ListChecksIcon },
];
/** For the people who run this Darb. */
const ADMIN_SECTIONS: readonly Section[] = [
  { href: '/workers', label: 'Workers', icon: ServerIcon },
  { href: '/storage', label: 'Storage', icon: HardDriveIcon },
];

function useSections(): readonly Section[] {
  return usePerson().role === 'admin' ? [...SECTIONS, ...ADMIN_SECTIONS] : SECTIONS;
}

/** The frame of every page: sections on the left, on small screens above. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus-visible:not-sr-only focus-visible:fixed focus-visible:top-2 focus-visible:left-2 focus-visible:z-50 focus-visible:rounded-md focus-visible:bg-surface focus-visible:px-3 focus-visible:py-2 focus-visible:shadow-pop"
      >
        Skip to content
      </a>
      <TopBar />
      <SideBar />
      <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
        <OfflineBanner />
        {children}
      </main>
    </div>
  );
}

function SideBar() {
  const person = usePerson();
  return (
    <aside className="sticky top-0 hidden h-dvh flex-col border-r bg-sunken/50 px-3 pt-5 pb-3 lg:flex">
      <Link href="/environments" aria-label="Darb, home" className="self-start rounded-md px-2">
        <Logotype />
      </Link>
      <nav aria-label="Sections" className="mt-7 grid gap-0.5">
        {useSections().map((section) => (
          <SectionLink key={section.href} {...section} />
        ))}
      </nav>
      <div className="mt-auto grid gap-2">
        <div className="px-2">
          <LiveIndicator />
        </div>
        <AccountMenu side="top">
          <button
            type="button"
            aria-label={`Account of ${person.username}`}
            className="flex w-full items-center gap-2 rounded-md p-1.5 text-left text-sm transition-colors hover:bg-hover data-[state=open]:bg-hover"
          >
            <Avatar name={person.username} />
            <span className="min-w-0 flex-1 truncate font-medium">{person.username}</span>
            <ChevronsUpDownIcon className="size-3.5 text-muted-foreground" aria-hidden="true" />
          </button>
        </AccountMenu>
      </div>
    </aside>
  );
}

function TopBar() {
  const person = usePerson();
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center gap-1 border-b bg-background/95 px-4 backdrop-blur-sm lg:hidden">
      <Link href="/environments" aria-label="Darb, home" className="mr-2 rounded-md sm:mr-4">
        <Logotype />
      </Link>
      <nav aria-label="Sections" className="flex min-w-0 gap-0.5 overflow-x-auto [scrollbar-width:none]">
        {useSections().map((section) => (
          <SectionLink key={section.href} {...section} compact />
        ))}
      </nav>
      <div className="ml-auto flex shrink-0 items-center gap-3 pl-2">
        <LiveIndicator compact />
        <AccountMenu side="bottom">
          <button type="button" aria-label={`Account of ${person.username}`} className="rounded-full">
            <Avatar name={person.username} />
          </button>
        </AccountMenu>
      </div>
    </header>
  );
}

interface SectionLinkProps extends Section {
  compact?: boolean;
}

function SectionLink({ href, label, icon: Icon, compact = false }: SectionLinkProps) {
  const path = usePathname();
  const isCurrent = path === href || path.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      aria-current={path === href ? 'page' : isCurrent ? 'true' : undefined}
      className={cn(
        'flex items-center gap-2.5 rounded-md px-2 py-1.5 text-sm font-medium transition-colors',
        compact && 'max-sm:px-1.5 max-sm:text-xs',
        isCurrent
          ? 'bg-primary-soft/70 text-primary'
          : 'text-muted-foreground hover:bg-hover hover:text-foreground',
      )}
    >
      <Icon className={cn('size-4 shrink-0', compact && 'max-sm:hidden')} aria-hidden="true" />
      {label}
    </Link>
  );
}
