'use client';

import { TerminalIcon } from 'lucide-react';
import type { Environment } from '../../lib/api';
import { waysToUse } from '../../lib/usage';
import { CopyButton } from '../common/copy-button';
import { Panel } from '../common/page';
import { EmptyState } from '../common/states';

export function UseTab({ environment }: { environment: Environment }) {
  if (!environment.path) {
    return (
      <Panel>
        <EmptyState icon={TerminalIcon} title="Not there yet">
          Its folder exists once a revision is installed.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className="grid gap-6">
      <p className="max-w-2xl text-sm text-muted-foreground">
        The folder lies on the machine (or the shared disk) of the workers. It belongs to revision{' '}
        {environment.revision} and never changes: a program that was started there keeps its files when the
        environment gets a new revision.
      </p>
      {waysToUse(environment.package_manager, environment.path).map(({ label, command }) => (
        <div key={label} className="grid gap-1.5">
          <h3 className="text-sm font-medium">{label}</h3>
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
