import { describe, expect, it } from 'vitest';
import { createLogger, DarbLogger, flatEventLogger, redactUrls } from './logger.js';

function logged(write: (logger: DarbLogger) => void): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(new DarbLogger(createLogger('auth', { logLevel: 'info', logFormat: 'json' }, destination)));
  return lines.join('');
}

describe('the log', () => {
  it('hides secrets by key and credentials in URLs', () => {
    const text = logged((logger) => {
      logger.log({ event: 'x', password: 'hunter2', body: { refresh_token: 'hunter2' } }, 'Test');
      logger.warn('no postgres://darb:hunter2@db/darb', 'Test');
      logger.error(new Error('bad postgres://darb:hunter2@db/darb'), undefined, 'Test');
    });
    expect(text).not.toContain('hunter2');
    expect(text).toContain('postgres://***@db/darb');
  });

  it('hides secrets by key in the event of a request too', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger('auth', { logLevel: 'info', logFormat: 'json' }, destination);
    flatEventLogger(logger).info(
      { event: 'http_request', token: 'hunter2', authorization: 'hunter2' },
      'GET',
    );
    expect(lines.join('')).toContain('http_request');
    expect(lines.join('')).not.toContain('hunter2');
  });

  it("leaves out a failed query's parameters", () => {
    const error = Object.assign(new Error('duplicate key'), {
      parameters: ['hunter2'],
      query: 'INSERT hunter2',
    });
    expect(logged((logger) => logger.error(error))).not.toContain('hunter2');
  });

  it('has no line for each of the routes', () => {
    expect(logged((logger) => logger.log('Mapped {/x, GET} route', 'RouterExplorer'))).toBe('');
  });

  it('leaves other URLs alone', () => {
    expect(redactUrls('https://example.org/a@b')).toBe('https://example.org/a@b');
  });
});
