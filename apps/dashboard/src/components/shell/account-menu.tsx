'use client';

import { BookOpenIcon, KeyRoundIcon, LogOutIcon, MonitorIcon, MoonIcon, SunIcon } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useState, type ReactNode } from 'react';
import { toast } from 'sonner';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu';
import { PasswordDialog } from './password-dialog';
import { usePerson } from './session-context';

async function signOut(): Promise<void> {
  try {
    const response = await fetch('/bff/session', { method: 'DELETE' });
    if (!response.ok) throw new Error(String(response.status));
    // A whole load: nothing of this person stays in memory.
    window.location.assign('/login');
  } catch {
    toast.error('Signing out did not work. Check your connection and try again.');
  }
}

export function Avatar({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-6.5 shrink-0 place-items-center rounded-full bg-primary-soft text-2xs font-semibold text-primary uppercase"
    >
      {name.slice(0, 2)}
    </span>
  );
}

export function AccountMenu({ children, side }: { children: ReactNode; side: 'top' | 'bottom' }) {
  const person = usePerson();
  const { theme, setTheme } = useTheme();
  const [isChangingPassword, setChangingPassword] = useState(false);
  return (
    <>
      <PasswordDialog open={isChangingPassword} onOpenChange={setChangingPassword} />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>{children}</DropdownMenuTrigger>
        <DropdownMenuContent side={side} align="start" className="w-52">
          <DropdownMenuLabel>
            Signed in as
            <span className="block truncate text-sm font-medium text-foreground">{person.username}</span>
            {person.role === 'admin' ? <span className="block">Administrator</span> : null}
          </DropdownMenuLabel>
          <DropdownMenuSeparator />
          <DropdownMenuLabel id="theme-label">Theme</DropdownMenuLabel>
          <DropdownMenuRadioGroup
            aria-labelledby="theme-label"
            {...(theme ? { value: theme } : {})}
            onValueChange={setTheme}
          >
            <DropdownMenuRadioItem value="light">
              <SunIcon /> Light
            </DropdownMenuRadioItem>
            <DropdownMenuRadioItem value="dark">
              <MoonIcon /> Dark
            </DropdownMenuRadioItem>
            <DropdownMenuRadioItem value="system">
              <MonitorIcon /> System
            </DropdownMenuRadioItem>
          </DropdownMenuRadioGroup>
          <DropdownMenuSeparator />
          <DropdownMenuItem asChild>
            {/* oxlint-disable-next-line next/no-html-link-for-pages -- the gateway serves it, not this app */}
            <a href="/docs">
              <BookOpenIcon /> API reference
            </a>
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => setChangingPassword(true)}>
            <KeyRoundIcon /> Change password
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => void signOut()}>
            <LogOutIcon /> Sign out
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  );
}
