'use client';

import {
  CheckIcon,
  HourglassIcon,
  MinusIcon,
  ShieldCheckIcon,
  ShieldOffIcon,
  UnplugIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Worker } from '../../lib/api';
import { formatBytes } from '../../lib/format';
import { missingLimits } from '../../lib/worker-facts';
import { Facts } from '../common/page';
import { Prose } from '../common/prose';
import { RelativeTime } from '../common/time';
import { usePerson } from '../shell/session-context';
import { Badge, type BadgeTone } from '../ui/badge';
import { Progress } from '../ui/progress';
import { DrainButton } from './drain-button';

/** One worker: what it does, what it has, and what it cannot do. */
export function WorkerCard({ worker }: { worker: Worker }) {
  const person = usePerson();
  const headingId = `worker-${worker.id}`;
  return (
    <li
      aria-labelledby={headingId}
      className="grid content-start gap-4 rounded-lg border bg-surface p-4 shadow-raised"
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-48">
          <h3 id={headingId} className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold">
            <span className="break-all">{worker.name}</span> <WorkerStatus worker={worker} />
          </h3>
          <p className="text-xs text-muted-foreground">
            {worker.platform} · Darb {worker.version} · last heard of{' '}
            <RelativeTime at={worker.heartbeat_at} />
          </p>
        </div>
        {person.role === 'admin' && worker.drain_requested !== undefined ? (
          <DrainButton worker={worker} />
        ) : null}
      </div>
      <Facts
        facts={[
          {
            label: 'Slots in use',
            value: (
              <span className="grid gap-1.5">
                {worker.running} of {worker.slots}
                <Progress
                  done={worker.running}
                  total={Math.max(1, worker.slots)}
                  label={`Slots of ${worker.name} in use`}
                  className="w-24"
                />
              </span>
            ),
          },
          ...(worker.store
            ? [
                {
                  label: 'Free space',
                  value: spaceOf(worker.store),
                },
                {
                  label: 'Store',
                  value: <span className="font-mono text-xs break-all">{worker.store.root}</span>,
                },
              ]
            : []),
          { label: 'Since', value: <RelativeTime at={worker.registered_at} /> },
        ]}
      />
      <ul className="grid gap-2 border-t pt-3 text-sm">
        <Managers worker={worker} />
        <Sandbox worker={worker} />
      </ul>
      <Labels labels={worker.labels} />
    </li>
  );
}

function spaceOf({ free_bytes: free, total_bytes: total }: NonNullable<Worker['store']>): string {
  if (free === null) return '–';
  return total === null ? formatBytes(free) : `${formatBytes(free)} of ${formatBytes(total)}`;
}

const STATUS: Record<Worker['status'], { label: string; tone: BadgeTone; icon: typeof CheckIcon }> = {
  live: { label: 'Live', tone: 'success', icon: CheckIcon },
  draining: { label: 'Draining', tone: 'warning', icon: HourglassIcon },
  silent: { label: 'Silent', tone: 'danger', icon: UnplugIcon },
};

function WorkerStatus({ worker }: { worker: Worker }) {
  const { label, tone, icon: Icon } = STATUS[worker.status];
  const isDrained = worker.status === 'draining' && worker.running === 0;
  return (
    <span role="status">
      <Badge tone={tone}>
        <Icon aria-hidden="true" strokeWidth={2.4} />
        {isDrained ? 'Drained' : label}
      </Badge>
    </span>
  );
}

function Managers({ worker }: { worker: Worker }) {
  return worker.managers.map((manager) => {
    const pythons = manager.interpreters.map(({ version }) => version).join(', ');
    return (
      <Line
        key={manager.type}
        icon={
          manager.available ? (
            <CheckIcon aria-label="available" className="text-success" />
          ) : (
            <MinusIcon aria-label="absent" className="text-faint" />
          )
        }
      >
        <span className="font-mono font-medium">{manager.type}</span>{' '}
        {manager.available ? manager.version : 'is absent.'}
        {manager.available && pythons ? (
          <span className="text-muted-foreground"> · Python {pythons}</span>
        ) : null}
        {manager.reason ? (
          <span className="text-muted-foreground">
            {' '}
            <Prose text={manager.reason} />
          </span>
        ) : null}
      </Line>
    );
  });
}

function Sandbox({ worker }: { worker: Worker }) {
  const { sandbox } = worker;
  const isOn = sandbox.mode !== 'off';
  const missing = missingLimits(worker);
  return (
    <>
      <Line
        icon={
          isOn ? (
            <ShieldCheckIcon aria-label="on" className="text-success" />
          ) : (
            <ShieldOffIcon aria-label="off" className="text-warning" />
          )
        }
      >
        {isOn ? (
          <>
            Sandbox: <span className="font-mono">{sandbox.mode}</span>
          </>
        ) : (
          'No sandbox: tools run with all rights of the worker.'
        )}
        {sandbox.reason ? (
          <span className="text-muted-foreground">
            {' '}
            <Prose text={sandbox.reason} />
          </span>
        ) : null}
      </Line>
      {missing.length > 0 ? (
        <Line icon={<MinusIcon aria-label="absent" className="text-faint" />}>
          <span className="text-muted-foreground">Not limited: {missing.join(', ')}.</span>
        </Line>
      ) : null}
    </>
  );
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex gap-2.5 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0">
      {icon}
      <span className="min-w-0 break-words">{children}</span>
    </li>
  );
}

function Labels({ labels }: { labels: Worker['labels'] }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <ul aria-label="Labels" className="flex flex-wrap gap-1.5">
      {entries.map(([name, value]) => (
        <li
          key={name}
          className="rounded-[5px] border border-border-strong px-1.5 font-mono text-2xs break-all text-muted-foreground"
        >
          {name}={value}
        </li>
      ))}
    </ul>
  );
}
