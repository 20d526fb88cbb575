import { Inject, Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config.js';

const ASK_TIMEOUT_MS = 2_000;
/** Answers are shared this long, so that many watchers cost a service one question per second. */
const SHARED_MS = 1_000;

export interface ServiceHealth {
  status: string;
  [detail: string]: unknown;
}

export interface HealthSummary {
  status: 'ok' | 'unavailable';
  services: Record<string, ServiceHealth | { registered: number }>;
  /** Whether somebody can sign in who may create further users. */
  admin: boolean;
}

/** Sums up the readiness of all services. */
@Injectable()
export class HealthService {
  private shared: { summary: Promise<HealthSummary>; until: number } | undefined;

  constructor(@Inject(GatewayConfig) private readonly config: GatewayConfig) {}

  summary(): Promise<HealthSummary> {
    if (!this.shared || Date.now() >= this.shared.until) {
      const question = { summary: this.askAll(), until: Number.POSITIVE_INFINITY };
      this.shared = question;
      void question.summary.then(() => (question.until = Date.now() + SHARED_MS));
    }
    return this.shared.summary;
  }

  private async askAll(): Promise<HealthSummary> {
    const { authUrl, environmentsUrl, jobsUrl, dashboardUrl } = this.config;
    const [auth, environments, jobs, dashboard] = await Promise.all(
      [authUrl, environmentsUrl, jobsUrl, dashboardUrl].map((url) => (url ? ask(url) : undefined)),
    );
    const { admin_exists: adminExists, ...authHealth } = auth!;
    const { workers, ...jobsHealth } = jobs!;
    const registered = Number((workers as { live?: unknown } | undefined)?.live ?? 0);
    const services = {
      auth: authHealth as ServiceHealth,
      environments: environments!,
      jobs: jobsHealth as ServiceHealth,
      ...(dashboard ? { dashboard } : {}),
    };
    const isOk =
      Object.values(services).every(({ status }) => status === 'ok') &&
      adminExists === true &&
      registered > 0;
    return {
      status: isOk ? 'ok' : 'unavailable',
      services: { ...services, worker: { registered } },
      admin: adminExists === true,
    };
  }
}

/** The body of a service's /health/ready, or `unreachable`. Never rejects. */
async function ask(url: string): Promise<ServiceHealth> {
  try {
    const response = await fetch(new URL('/health/ready', url), {
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      redirect: 'error',
    });
    const { service: _known, ...body } = (await response.json()) as ServiceHealth & { service?: unknown };
    const fallback = response.ok ? 'ok' : 'unavailable';
    // A body that calls itself ok under another status than 200 is not believed.
    const status = body.status === 'ok' && !response.ok ? 'unavailable' : (body.status ?? fallback);
    return { ...body, status };
  } catch {
    return { status: 'unreachable' };
  }
}
