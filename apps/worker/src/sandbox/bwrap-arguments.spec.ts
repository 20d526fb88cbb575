import { describe, expect, it } from 'vitest';
import { bwrapArguments, isWithin } from './bwrap-arguments.js';

const POOL = '/data/pools/shared';

function build(readable: { path: string; source: string }[] = []): string[] {
  return bwrapArguments({
    system: [
      { kind: 'read-only', path: '/usr' },
      { kind: 'symlink', path: '/lib', target: 'usr/lib' },
    ],
    pool: POOL,
    readable,
    cwd: `${POOL}/scratch/w/j-1`,
    file: '/opt/uv/bin/uv',
    args: ['lock', '--bind', '/etc', '/etc'],
    extra: [],
  });
}

describe('the sandbox', () => {
  it('makes only the pool writable, as one mount', () => {
    const args = build([{ path: '/opt/python', source: '/opt/python' }]);
    const own = args.slice(0, args.indexOf('--'));
    expect(own.filter((arg) => arg === '--bind')).toHaveLength(1);
    expect(own.slice(own.indexOf('--bind'), own.indexOf('--bind') + 3)).toEqual(['--bind', POOL, POOL]);
  });

  it('has namespaces of its own, no capabilities, and dies with the worker', () => {
    const args = build();
    for (const option of [
      '--unshare-user',
      '--unshare-pid',
      '--unshare-ipc',
      '--unshare-uts',
      '--new-session',
      '--die-with-parent',
    ]) {
      expect(args).toContain(option);
    }
    expect(args[args.indexOf('--cap-drop') + 1]).toBe('ALL');
  });

  it('never reads an argument of the tool as an option of its own', () => {
    const args = build();
    expect(args.slice(args.indexOf('--'))).toEqual([
      '--',
      '/opt/uv/bin/uv',
      'lock',
      '--bind',
      '/etc',
      '/etc',
    ]);
  });

  it('mounts what is readable outermost first, under the pool nothing, and the pool last', () => {
    const args = build([
      { path: '/a/b/c', source: '/real/c' },
      { path: '/a', source: '/a' },
      { path: `${POOL}/cache`, source: `${POOL}/cache` },
    ]);
    const text = args.join(' ');
    expect(text).not.toContain(`--ro-bind ${POOL}`);
    expect(text.indexOf('--ro-bind /a /a')).toBeLessThan(text.indexOf('--ro-bind /real/c /a/b/c'));
    expect(text.indexOf('--ro-bind /real/c')).toBeLessThan(text.indexOf('--bind /data'));
    expect(text.indexOf('--tmpfs /tmp')).toBeLessThan(text.indexOf('--ro-bind /a /a'));
  });

  it('tells a folder from another that begins alike', () => {
    expect(isWithin('/a/b', '/a')).toBe(true);
    expect(isWithin('/ab', '/a')).toBe(false);
    expect(isWithin('/a', '/')).toBe(true);
  });
});
