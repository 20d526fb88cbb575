import type { InstanceRole, OrganizationRole } from '@darb/models';

/** Who asks, as the database knows it within the last second. */
export interface Actor {
  userId: string;
  username: string;
  role: InstanceRole;
  sessionId: string;
  organizations: { id: string; role: OrganizationRole }[];
  personalOrganizationId: string;
}

/** The worker behind an `@Internal('worker')` request. */
export interface WorkerIdentity {
  workerId: string;
}
