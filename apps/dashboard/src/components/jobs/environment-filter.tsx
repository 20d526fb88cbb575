'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CheckIcon, ChevronDownIcon, LayersIcon } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useDeferredValue, useState, type KeyboardEvent } from 'react';
import { cn } from '../../lib/cn';
import { queries } from '../../lib/queries';
import { setQueryParameters } from '../common/use-query-parameter';
import { FIELD, Input } from '../ui/input';

/** One environment of many: the server searches, because a page has only the first fifty. */
export function EnvironmentFilter({ value }: { value: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const chosen = useQuery({ ...queries.environment(value ?? ''), enabled: value !== null, retry: false });
  const choose = (id: string) => {
    setQueryParameters({ environment: id });
    setOpen(false);
  };
  const label = value === null ? 'Any environment' : (chosen.data?.name ?? 'One environment');
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger
        aria-label={`Environment: ${label}`}
        className={cn(
          FIELD,
          'flex h-8 w-48 items-center gap-2 px-2.5 text-left whitespace-nowrap',
          value !== null && 'border-primary text-primary',
        )}
      >
        <LayersIcon className="size-3.5 shrink-0 text-muted-foreground" aria-hidden="true" />
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <ChevronDownIcon className="size-4 shrink-0 text-muted-foreground" aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          role="dialog"
          aria-label="Choose an environment"
          className="z-50 w-72 rounded-lg border bg-surface shadow-pop data-[state=open]:animate-in data-[state=open]:fade-in-0"
        >
          <Choices value={value} onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ value, onChoose }: { value: string | null; onChoose: (id: string) => void }) {
  const [text, setText] = useState('');
  const search = useDeferredValue(text.trim());
  const query = useInfiniteQuery({
    ...queries.environments(search ? { q: search } : {}),
    placeholderData: (previous) => previous,
  });
  const items = query.data?.pages[0]?.items ?? [];
  return (
    <div onKeyDown={moveWithArrows}>
      <div className="border-b p-1.5">
        <Input
          aria-label="Search environments"
          placeholder="Search environments"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="h-7 text-xs"
        />
      </div>
      <div className="grid max-h-72 overflow-y-auto p-1">
        {search === '' ? (
          <Choice isChosen={value === null} label="Any environment" onChoose={() => onChoose('')} />
        ) : null}
        {items.map(({ id, name }) => (
          <Choice key={id} isChosen={id === value} label={name} onChoose={() => onChoose(id)} />
        ))}
        {items.length === 0 && !query.isFetching ? (
          <p className="px-2 py-1.5 text-sm text-muted-foreground">No environments match “{search}”.</p>
        ) : null}
        {query.hasNextPage ? <p className="label px-2 py-1.5">Type to find more.</p> : null}
      </div>
    </div>
  );
}

interface ChoiceProps {
  isChosen: boolean;
  label: string;
  onChoose: () => void;
}

function Choice({ isChosen, label, onChoose }: ChoiceProps) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className="flex min-w-0 items-center gap-2 rounded-sm px-2 py-1.5 text-left text-sm hover:bg-hover focus-visible:bg-hover focus-visible:outline-none"
    >
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {isChosen ? <CheckIcon className="size-4 text-muted-foreground" aria-hidden="true" /> : null}
    </button>
  );
}

function moveWithArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, button')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus();
}
