'use client';

import { SearchIcon, XIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { cn } from '../../lib/cn';
import { Input } from '../ui/input';
import { Kbd } from '../ui/kbd';
import { useShortcut } from './use-shortcut';

interface SearchBoxProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  /** Waits for a pause in typing, for searches that ask the server. */
  delayMs?: number;
  className?: string;
}

export function SearchBox({ value, onChange, label, delayMs = 0, className }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useShortcut('/', () => input.current?.focus());
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), delayMs);
    return () => clearTimeout(timer);
  }, [text, value, delayMs, onChange]);
  return (
    <div className={cn('relative', className)}>
      <SearchIcon
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-faint"
      />
      <Input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText('');
        }}
        className="peer pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {text ? (
        <button
          type="button"
          aria-label="Clear"
          onClick={() => {
            setText('');
            input.current?.focus();
          }}
          className="absolute top-1/2 right-1.5 grid size-5 -translate-y-1/2 place-items-center rounded-sm text-muted-foreground hover:bg-hover"
        >
          <XIcon className="size-3.5" />
        </button>
      ) : (
        <Kbd className="absolute top-1/2 right-2 -translate-y-1/2 text-muted-foreground peer-focus:hidden">
          /
        </Kbd>
      )}
    </div>
  );
}
