import type { EnvironmentStatus, JobStatus } from '@darb/models';
import {
  BanIcon,
  CheckIcon,
  CircleDashedIcon,
  LoaderCircleIcon,
  Trash2Icon,
  XIcon,
  type LucideIcon,
} from 'lucide-react';
import { Badge, type BadgeTone } from '../ui/badge';

interface Look {
  label: string;
  tone: BadgeTone;
  icon: LucideIcon;
  isMoving?: boolean;
}

const ENVIRONMENT: Record<EnvironmentStatus, Look> = {
  pending: { label: 'Pending', tone: 'neutral', icon: CircleDashedIcon },
  creating: { label: 'Creating', tone: 'info', icon: LoaderCircleIcon, isMoving: true },
  ready: { label: 'Ready', tone: 'success', icon: CheckIcon },
  updating: { label: 'Updating', tone: 'info', icon: LoaderCircleIcon, isMoving: true },
  failed: { label: 'Failed', tone: 'danger', icon: XIcon },
  deleting: { label: 'Deleting', tone: 'warning', icon: Trash2Icon },
  deleted: { label: 'Deleted', tone: 'neutral', icon: Trash2Icon },
};

const JOB: Record<JobStatus, Look> = {
  pending: { label: 'Pending', tone: 'neutral', icon: CircleDashedIcon },
  running: { label: 'Running', tone: 'info', icon: LoaderCircleIcon, isMoving: true },
  completed: { label: 'Completed', tone: 'success', icon: CheckIcon },
  failed: { label: 'Failed', tone: 'danger', icon: XIcon },
  cancelled: { label: 'Cancelled', tone: 'neutral', icon: BanIcon },
};

export function EnvironmentStatusBadge({ status }: { status: EnvironmentStatus }) {
  return <StatusBadge look={ENVIRONMENT[status]} />;
}

export function JobStatusBadge({ status }: { status: JobStatus }) {
  return <StatusBadge look={JOB[status]} />;
}

export function jobStatusLabel(status: JobStatus): string {
  return JOB[status].label;
}

function StatusBadge({ look }: { look: Look }) {
  const Icon = look.icon;
  return (
    <Badge tone={look.tone}>
      <Icon
        aria-hidden="true"
        strokeWidth={2.4}
        className={look.isMoving ? 'animate-spin [animation-duration:1.6s]' : ''}
      />
      {look.label}
    </Badge>
  );
}
