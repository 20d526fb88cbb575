import { ConfigDefault, configGroups, ConfigVariable, ServerConfig } from '@darb/service-kit/edge';
import { IsInt, IsOptional, IsUrl, Matches, Max, Min } from 'class-validator';

const ORIGIN = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };
const MUST_BE_ORIGIN = { message: 'must be an http(s) URL' };
/** A path after the host would be lost when a request is forwarded. */
const NO_PATH = /^[a-z]+:\/\/[^/?#]+\/?$/i;
const MUST_HAVE_NO_PATH = { message: 'must have no path after the host' };

@ConfigDefault('port', 8080)
export class GatewayConfig extends configGroups(ServerConfig) {
  @ConfigVariable({
    name: 'DARB_AUTH_URL',
    description: 'Where the auth service is, as the other services reach it.',
    default: 'http://127.0.0.1:8081',
  })
  @IsUrl(ORIGIN, MUST_BE_ORIGIN)
  @Matches(NO_PATH, MUST_HAVE_NO_PATH)
  authUrl: string;

  @ConfigVariable({
    name: 'DARB_ENVIRONMENTS_URL',
    description: 'Where the environments service is.',
    default: 'http://127.0.0.1:8082',
  })
  @IsUrl(ORIGIN, MUST_BE_ORIGIN)
  @Matches(NO_PATH, MUST_HAVE_NO_PATH)
  environmentsUrl: string;

  @ConfigVariable({
    name: 'DARB_JOBS_URL',
    description: 'Where the jobs service is.',
    default: 'http://127.0.0.1:8083',
  })
  @IsUrl(ORIGIN, MUST_BE_ORIGIN)
  @Matches(NO_PATH, MUST_HAVE_NO_PATH)
  jobsUrl: string;

  @ConfigVariable({
    name: 'DARB_DASHBOARD_URL',
    description: 'Where the dashboard is. Unset: the API alone, without pages.',
    optional: true,
  })
  @IsUrl(ORIGIN, MUST_BE_ORIGIN)
  @Matches(NO_PATH, MUST_HAVE_NO_PATH)
  dashboardUrl?: string;

  @ConfigVariable({
    name: 'DARB_GATEWAY_TRUSTED_PROXIES',
    description:
      'Addresses or networks (10.0.0.0/8) of proxies in front of the gateway whose X-Forwarded-* headers are believed. Unset: nobody.',
    optional: true,
    parse: parseList,
  })
  @IsOptional()
  @Matches(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, {
    each: true,
    message: 'must be addresses or networks such as 10.0.0.0/8',
  })
  trustedProxies?: string[];

  @ConfigVariable({
    name: 'DARB_GATEWAY_BODY_LIMIT_BYTES',
    description: 'Largest request body that is passed on.',
    default: 16 * 1024 * 1024,
  })
  @IsInt()
  @Min(1024)
  bodyLimitBytes: number;

  @ConfigVariable({
    name: 'DARB_GATEWAY_RETRY_SECONDS',
    description:
      'How long a request waits for a service that does not accept connections, for example while it restarts.',
    default: 5,
  })
  @Min(0)
  @Max(60)
  retrySeconds: number;
}

function parseList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}
