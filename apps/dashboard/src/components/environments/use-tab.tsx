'use client';

import { TerminalIcon, WrenchIcon } from 'lucide-react';
import type { Environment } from '../../lib/api';
import { isRebuilding } from '../../lib/environment-state';
import { waysToUse } from '../../lib/usage';
import { CopyButton } from '../common/copy-button';
import { Panel } from '../common/page';
import { EmptyState } from '../common/states';

export function UseTab({ environment }: { environment: Environment }) {
  if (!environment.path) {
    return (
      <Panel>
        {isRebuilding(environment) ? (
          <EmptyState icon={WrenchIcon} title={`Revision ${environment.revision} is being rebuilt`}>
            Its files were missing or changed on the disk. The commands are here again when it is done.
          </EmptyState>
        ) : (
          <EmptyState icon={TerminalIcon} title="Not there yet">
            The folder exists once a revision is installed.
          </EmptyState>
        )}
      </Panel>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <p className="max-w-2xl text-sm text-muted-foreground">
        The folder is on the worker’s disk. It belongs to revision {environment.revision} and never changes: a
        program that was started there keeps its files when the environment gets a new revision.
      </p>
      {waysToUse(environment.package_manager, environment.path).map(({ label, command }) => (
        <div key={label} className="grid gap-1.5">
          <h2 className="text-sm font-medium">{label}</h2>
          <Command text={command} />
        </div>
      ))}
    </div>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="flex items-start rounded-lg border bg-surface shadow-raised">
      <pre className="min-w-0 flex-1 overflow-x-auto px-3.5 py-2.5 font-mono text-xs leading-5">{text}</pre>
      <CopyButton text={text} label="Copy" className="m-1 shrink-0" />
    </div>
  );
}
