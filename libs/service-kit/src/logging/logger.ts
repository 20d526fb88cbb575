import type { LoggerService } from '@nestjs/common';
import type { DestinationStream, Logger as Pino } from 'pino';
import { pino, stdSerializers } from 'pino';
import pinoPretty from 'pino-pretty';
import { currentRequestId } from './request-context.js';

const REDACTED_KEYS = [
  'password',
  'token',
  'refresh_token',
  'secret',
  'authorization',
  'cookie',
  'dsn',
  'session_id_secret',
];
/** Credentials inside a URL: whatever stands between `//` and `@`. */
const URL_CREDENTIALS = /(\w+:\/\/)[^\s/@:]*:[^\s/@]+@/g;

export function redactUrls(text: string): string {
  return text.replace(URL_CREDENTIALS, '$1***@');
}

export function createLogger(
  service: string,
  options: { logLevel: string; logFormat: string },
  destination?: DestinationStream,
): Pino {
  const stream =
    destination ??
    (options.logFormat === 'pretty'
      ? pinoPretty({ ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss.l', sync: true })
      : undefined);
  return pino(
    {
      level: options.logLevel,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '***' },
      serializers: { err: safeError },
      mixin: () => {
        const requestId = currentRequestId();
        return requestId ? { request_id: requestId } : {};
      },
    },
    ...(stream ? [stream] : []),
  );
}

/** For events of flat keys, one for each request: looking for secrets inside of values too costs a tenth of a request. */
export function flatEventLogger(logger: Pino): Pino {
  return logger.child({}, { redact: { paths: REDACTED_KEYS, censor: '***' } });
}

/** Only the parts of an error that can't hold a query's parameters (a password hash, a manifest). */
function safeError(error: unknown): unknown {
  if (!(error instanceof Error)) return redactUrls(String(error));
  const { type, message, stack } = stdSerializers.err(error);
  const code = (error as { code?: unknown }).code;
  const cause = error.cause ? { cause: safeError(error.cause) } : {};
  return { type, code, message: redactUrls(message), stack: redactUrls(stack ?? ''), ...cause };
}

/** Nest's own account of its modules and routes, a hundred lines at every start. */
const CHATTY_CONTEXTS = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory']);

/** Nest's logger on pino: `logger.log('text', 'Context')`, `logger.error(error)`, objects become flat keys. */
export class DarbLogger implements LoggerService {
  constructor(private readonly logger: Pino) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(CHATTY_CONTEXTS.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ) {
    // Nest passes the context last, and for errors a stack (or undefined) before it.
    const context = rest.filter((item) => typeof item === 'string').at(-1);
    const stack = rest.find((item) => typeof item === 'string' && item.includes('\n    at '));
    if (message instanceof Error) this.logger[level]({ context, err: message }, redactUrls(message.message));
    else if (typeof message === 'object' && message !== null) this.logger[level]({ context, ...message });
    else this.logger[level]({ context, ...(stack ? { stack } : {}) }, redactUrls(String(message)));
  }
}
