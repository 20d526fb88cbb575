import { ConfigError, parseConfig } from '@darb/service-kit/edge';
import { describe, expect, it } from 'vitest';
import { WorkerConfig } from './config.js';

const LEAST = {
  DARB_QUEUE_VALKEY_ADDR: '127.0.0.1:6379',
  DARB_WORKER_JOIN_TOKEN: 'f81d4fae7dec11d0a76500a0c91e6bf6',
  DARB_STORAGE_ROOT: '/srv/darb',
};

describe('WorkerConfig', () => {
  it('needs little and has defaults for the rest', () => {
    expect(parseConfig(WorkerConfig, LEAST)).toMatchObject({
      port: 8084,
      jobsUrl: 'http://127.0.0.1:8083',
      concurrency: 2,
      sandbox: 'auto',
      graceSeconds: 20,
      labels: {},
      uvPythonPath: [],
    });
  });

  it('reads labels and paths', () => {
    const config = parseConfig(WorkerConfig, {
      ...LEAST,
      DARB_WORKER_LABELS: 'gpu=no, zone=a',
      DARB_PACKAGE_MANAGER_UV_PYTHON_PATH: '/opt/a:/opt/b',
    });
    expect(config.labels).toEqual({ gpu: 'no', zone: 'a' });
    expect(config.uvPythonPath).toEqual(['/opt/a', '/opt/b']);
  });

  it.each([
    ['DARB_STORAGE_ROOT', 'relative/path'],
    ['DARB_STORAGE_ROOT', `/${'x'.repeat(100)}`],
    ['DARB_WORKER_SANDBOX', 'docker'],
    ['DARB_WORKER_CONCURRENCY', '0'],
    ['DARB_WORKER_LABELS', 'gpu'],
    ['DARB_JOBS_URL', 'jobs:8083'],
    ['DARB_WORKER_JOIN_TOKEN', 'short'],
  ])('refuses %s=%s with a sentence that names it', (name, value) => {
    expect(() => parseConfig(WorkerConfig, { ...LEAST, [name]: value })).toThrow(ConfigError);
    expect(() => parseConfig(WorkerConfig, { ...LEAST, [name]: value })).toThrow(new RegExp(name));
  });
});
