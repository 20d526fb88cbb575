'use client';

import { XIcon } from 'lucide-react';
import { Dialog as DialogPrimitive } from 'radix-ui';
import { useRef, type ComponentProps, type ReactNode } from 'react';
import { cn } from '../../lib/cn';

export const Dialog = DialogPrimitive.Root;
export const DialogTrigger = DialogPrimitive.Trigger;
export const DialogClose = DialogPrimitive.Close;

interface DialogContentProps extends ComponentProps<typeof DialogPrimitive.Content> {
  heading: ReactNode;
  description?: ReactNode;
}

export function DialogContent({ className, heading, description, children, ...props }: DialogContentProps) {
  const opener = useRef<HTMLElement | null>(null);
  return (
    <DialogPrimitive.Portal>
      <DialogPrimitive.Overlay className="fixed inset-0 z-50 bg-[oklch(0.2_0.02_215/0.32)] data-[state=closed]:animate-out data-[state=closed]:fade-out-0 data-[state=open]:animate-in data-[state=open]:fade-in-0 dark:bg-[oklch(0.08_0.01_220/0.6)]" />
      <DialogPrimitive.Content
        className={cn(
          'fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col rounded-t-xl border bg-surface shadow-pop outline-none',
          'sm:top-[max(1rem,12dvh)] sm:right-auto sm:bottom-auto sm:left-1/2 sm:max-h-[80dvh] sm:w-[calc(100%-2rem)] sm:max-w-lg sm:-translate-x-1/2 sm:rounded-xl',
          'data-[state=closed]:animate-out data-[state=closed]:fade-out-0 data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:slide-in-from-bottom-3 sm:data-[state=open]:slide-in-from-bottom-1',
          className,
        )}
        onOpenAutoFocus={(event) => {
          opener.current = openerOf(document.activeElement);
          // Where one types, not the closing cross; a menu that opened this dialog may have kept autoFocus from it.
          const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>('input, textarea');
          if (!field) return;
          event.preventDefault();
          field.focus();
        }}
        onCloseAutoFocus={(event) => {
          // Dialogs are opened by state, not by a trigger of their own: without this the focus would fall to the body.
          event.preventDefault();
          if (opener.current?.isConnected) opener.current.focus();
          else document.getElementById('main')?.focus();
        }}
        {...(description ? {} : { 'aria-describedby': undefined })}
        {...props}
      >
        <header className="flex items-start gap-4 px-5 pt-4 pb-1">
          <div className="grid min-w-0 flex-1 gap-0.5">
            <DialogPrimitive.Title className="text-lg font-semibold tracking-[-0.012em]">
              {heading}
            </DialogPrimitive.Title>
            {description ? (
              <DialogPrimitive.Description className="text-sm text-muted-foreground">
                {description}
              </DialogPrimitive.Description>
            ) : null}
          </div>
          <DialogPrimitive.Close
            aria-label="Close"
            className="-mr-1.5 grid size-7 place-items-center rounded-md text-muted-foreground hover:bg-hover hover:text-foreground"
          >
            <XIcon className="size-4" />
          </DialogPrimitive.Close>
        </header>
        {children}
      </DialogPrimitive.Content>
    </DialogPrimitive.Portal>
  );
}

/** Where the keyboard was. An item of a menu goes with the menu: then what opened that. */
function openerOf(element: Element | null): HTMLElement | null {
  const menu = element?.closest('[role=menu]');
  const trigger = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : element;
  return trigger instanceof HTMLElement && trigger !== document.body ? trigger : null;
}

export function DialogBody({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('grid gap-4 overflow-y-auto px-5 py-3', className)} {...props} />;
}

export function DialogFooter({ className, ...props }: ComponentProps<'footer'>) {
  return (
    <footer
      className={cn(
        'flex flex-wrap items-center justify-end gap-2 rounded-b-xl border-t bg-sunken/60 px-5 py-3',
        className,
      )}
      {...props}
    />
  );
}
