import { visibleOrganizations } from '@darb/service-kit';
import type { Actor } from '@darb/service-kit';
import type { EventsRepository, LiveEvent } from './events.repository.js';

/** Which events one reader may see; the same rule as the tenant filter, but for events in memory. */
export class EventAudience {
  private organizations: Set<string> | 'all' = new Set();
  private environments = new Set<string>();

  constructor(private readonly events: EventsRepository) {}

  /** Takes over the actor's memberships and grants as they are now. */
  async update(actor: Actor): Promise<void> {
    const visible = visibleOrganizations(actor);
    if (visible === 'all') {
      this.organizations = 'all';
      return;
    }
    this.environments = new Set(await this.events.grantedEnvironments(actor.userId, visible));
    this.organizations = new Set(visible);
  }

  includes(event: LiveEvent): boolean {
    return (
      this.organizations === 'all' ||
      (event.organizationId !== null && this.organizations.has(event.organizationId)) ||
      this.environments.has(event.subjectId)
    );
  }
}
