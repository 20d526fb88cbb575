'use client';

import { CheckIcon, CopyIcon } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { toast } from 'sonner';
import { copyText } from '../../lib/browser';
import { cn } from '../../lib/cn';
import { Button } from '../ui/button';

interface CopyButtonProps {
  /** The text, or how to get it when it is asked for. */
  text: string | (() => string | Promise<string>);
  label: string;
  children?: ReactNode;
  className?: string;
}

export function CopyButton({ text, label, children, className }: CopyButtonProps) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1_600);
    return () => clearTimeout(timer);
  }, [isDone]);

  const copy = async () => {
    try {
      if (!(await copyText(typeof text === 'string' ? text : await text()))) throw new Error('refused');
      setDone(true);
    } catch {
      toast.error('Copying did not work. Select the text and copy it by hand.');
    }
  };
  return (
    <Button
      variant="ghost"
      size={children ? 'sm' : 'icon-sm'}
      aria-label={isDone ? 'Copied' : label}
      title={label}
      onClick={() => void copy()}
      className={cn(children && 'px-2', className)}
    >
      {isDone ? <CheckIcon className="size-3.5 text-success" /> : <CopyIcon className="size-3.5" />}
      {children}
      <span role="status" className="sr-only">
        {isDone ? 'Copied' : ''}
      </span>
    </Button>
  );
}
