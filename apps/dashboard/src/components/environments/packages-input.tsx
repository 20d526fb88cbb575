'use client';

import { XIcon } from 'lucide-react';
import { useRef, type ClipboardEvent, type KeyboardEvent } from 'react';
import type { FieldProblem } from '../../lib/http';
import { cn } from '../../lib/cn';
import { addSpecs } from '../../lib/package-entry';
import { Prose } from '../common/prose';
import type { FieldIds } from '../ui/field';
import { FIELD } from '../ui/input';
import type { SpecEntry } from './use-spec-entry';

interface PackagesInputProps {
  ids: FieldIds;
  /** What is typed and not yet a chip is sent as well, so that nobody has to press Enter first. */
  entry: Pick<SpecEntry, 'specs' | 'setSpecs' | 'draft' | 'setDraft' | 'errors'>;
  placeholder: string;
  autoFocus?: boolean;
}

/** Specs as chips: Enter makes one, a pasted list makes many, a click on one takes it back for editing. */
export function PackagesInput({ ids, entry, placeholder, autoFocus }: PackagesInputProps) {
  const { specs, setSpecs, draft, setDraft, errors } = entry;
  const input = useRef<HTMLInputElement>(null);

  const commit = (text: string) => {
    setSpecs(addSpecs(specs, text));
    setDraft('');
  };
  const removeAt = (index: number) => setSpecs(specs.filter((_, at) => at !== index));
  const edit = (index: number) => {
    const rest = specs.filter((_, at) => at !== index);
    setSpecs(draft.trim() ? addSpecs(rest, draft) : rest);
    setDraft(specs[index]!);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' && !event.metaKey && !event.ctrlKey) {
      // Never sends the form: whoever types a list presses Enter after each.
      event.preventDefault();
      if (draft.trim()) commit(draft);
    } else if (event.key === 'Backspace' && draft === '' && specs.length > 0) {
      event.preventDefault();
      edit(specs.length - 1);
    }
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData('text');
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    commit(`${draft}${text}`);
  };

  return (
    <div
      className={cn(
        FIELD,
        'flex max-h-52 min-h-20 cursor-text flex-wrap content-start gap-1.5 overflow-y-auto p-2',
        'has-[input:focus-visible]:border-ring has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-ring/35',
        ids['aria-invalid'] && 'border-danger',
      )}
      onClick={(event) => {
        if (event.target === event.currentTarget) input.current?.focus();
      }}
    >
      {specs.map((spec, index) => (
        <Chip
          key={spec}
          spec={spec}
          error={errors.get(index)}
          onEdit={() => edit(index)}
          onRemove={() => removeAt(index)}
        />
      ))}
      <input
        {...ids}
        ref={input}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        autoFocus={autoFocus}
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="enter"
        placeholder={specs.length === 0 ? placeholder : ''}
        className="h-6 min-w-32 flex-1 bg-transparent px-1 font-mono text-xs outline-none placeholder:text-faint pointer-coarse:text-lg"
      />
    </div>
  );
}

interface ChipProps {
  spec: string;
  error: FieldProblem | undefined;
  onEdit: () => void;
  onRemove: () => void;
}

function Chip({ spec, error, onEdit, onRemove }: ChipProps) {
  return (
    <span
      className={cn(
        'inline-flex max-w-full items-center rounded-sm font-mono text-xs',
        error ? 'bg-danger-soft text-danger ring-1 ring-danger/50' : 'bg-hover',
      )}
    >
      <button
        type="button"
        onClick={onEdit}
        title={error ? error.message : 'Edit'}
        className="h-6 min-w-0 truncate rounded-l-sm pl-2 text-left"
      >
        <SpecText spec={spec} position={error?.position ?? null} />
      </button>
      <button
        type="button"
        aria-label={`Remove ${spec}`}
        onClick={onRemove}
        className="grid h-6 w-6 shrink-0 place-items-center rounded-r-sm opacity-60 hover:opacity-100"
      >
        <XIcon className="size-3" />
      </button>
    </span>
  );
}

/** The spec with the character underlined that the API's message is about. */
function SpecText({ spec, position }: { spec: string; position: number | null }) {
  if (position === null || position < 0 || position > spec.length) return spec;
  const mark = spec.slice(position, position + 1);
  return (
    <>
      {spec.slice(0, position)}
      <span className="font-semibold underline decoration-wavy decoration-1 underline-offset-2">
        {mark || '\u00a0'}
      </span>
      {spec.slice(position + 1)}
    </>
  );
}

/** One line for each entry that was refused: the chip shows where, this says why. */
export function EntryErrors({
  specs,
  errors,
}: {
  specs: readonly string[];
  errors: ReadonlyMap<number, FieldProblem>;
}) {
  if (errors.size === 0) return null;
  return (
    <ul role="alert" className="grid gap-1 text-xs text-danger">
      {[...errors].map(([index, error]) => (
        <li key={index}>
          {error.message.includes(specs[index] ?? '') ? null : (
            <>
              <code className="font-mono font-medium">{specs[index]}</code>:{' '}
            </>
          )}
          <Prose text={error.message} />
        </li>
      ))}
    </ul>
  );
}
