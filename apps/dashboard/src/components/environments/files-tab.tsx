'use client';

import { useQuery } from '@tanstack/react-query';
import { DownloadIcon, FileTextIcon } from 'lucide-react';
import { useState } from 'react';
import type { Environment } from '../../lib/api';
import { downloadText } from '../../lib/browser';
import { plural } from '../../lib/format';
import { queries } from '../../lib/queries';
import { CodeView } from '../common/code-view';
import { CopyButton } from '../common/copy-button';
import { Panel } from '../common/page';
import { EmptyState, ErrorState } from '../common/states';
import { Button } from '../ui/button';
import { Skeleton } from '../ui/skeleton';
import { cn } from '../../lib/cn';

type Kind = 'manifest' | 'lockfile';

const FILE_NAMES: Record<Environment['package_manager'], Record<Kind, string>> = {
  uv: { manifest: 'pyproject.toml', lockfile: 'uv.lock' },
  pixi: { manifest: 'pixi.toml', lockfile: 'pixi.lock' },
};

/** Manifest and lockfile of the newest revision, as text. */
export function FilesTab({ environment }: { environment: Environment }) {
  const [kind, setKind] = useState<Kind>('manifest');
  const query = useQuery({ ...queries.file(environment.id, kind), enabled: environment.revision !== null });
  const file = query.data;
  if (environment.revision === null) {
    return (
      <Panel>
        <EmptyState icon={FileTextIcon} title="No files yet">
          Manifest and lockfile come with the first revision.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b bg-sunken/60 px-2 py-1.5">
        <div role="radiogroup" aria-label="File" className="flex gap-0.5">
          {(['manifest', 'lockfile'] as const).map((value) => (
            <button
              key={value}
              type="button"
              role="radio"
              aria-checked={kind === value}
              onClick={() => setKind(value)}
              className={cn(
                'h-7 rounded-md px-2.5 font-mono text-xs transition-colors',
                kind === value
                  ? 'bg-surface font-medium shadow-raised ring-1 ring-border'
                  : 'text-muted-foreground hover:text-foreground',
              )}
            >
              {FILE_NAMES[environment.package_manager][value]}
            </button>
          ))}
        </div>
        <span className="figures ml-auto text-xs text-muted-foreground max-sm:hidden">
          {file ? `revision ${file.revision} · ${plural(countLines(file.text), 'line')}` : null}
        </span>
        <CopyButton text={file?.text ?? ''} label="Copy the file" />
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Download the file"
          title="Download the file"
          disabled={!file}
          onClick={() => file && downloadText(file.filename, file.text)}
        >
          <DownloadIcon className="size-3.5" />
        </Button>
      </div>
      {file ? (
        <CodeView key={kind} text={file.text} label={file.filename} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div role="status" aria-label="Loading the file" className="grid gap-2 p-4">
          <Skeleton className="h-4 w-40" />
          <Skeleton className="h-4 w-64" />
          <Skeleton className="h-4 w-52" />
        </div>
      )}
    </Panel>
  );
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
