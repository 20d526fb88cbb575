import { describe, expect, it } from 'vitest';
import { evaluateMarker, parseMarker, type MarkerEnvironment } from './markers.js';

const HERE: MarkerEnvironment = {
  os_name: 'posix',
  sys_platform: 'linux',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1.0',
  platform_system: 'Linux',
  platform_version: '#1 SMP',
  python_version: '3.12',
  python_full_version: '3.12.1',
  implementation_name: 'cpython',
  implementation_version: '3.12.1',
};

describe('markers', () => {
  it.each([
    ["python_version >= '3.9'", true],
    ["python_version < '3.9'", false],
    ["'3.9' <= python_version", true],
    ["python_version == '3.12.*'", true],
    ["python_full_version < '3.12.1'", false],
    ["python_full_version >= '3.13' or sys_platform == 'linux'", true],
    ["sys_platform == 'win32' and python_version > '3'", false],
    ["sys_platform == 'win32' or python_version > '3' and os_name == 'posix'", true],
    ["(sys_platform == 'win32' or python_version > '3') and os_name == 'nt'", false],
    ["sys_platform != 'darwin'", true],
    ["'linux' in sys_platform", true],
    ["sys_platform in 'linux darwin'", true],
    ["platform_machine not in 'aarch64 arm64'", true],
    ["os.name == 'posix'", true],
    ['implementation_name == "pypy"', false],
    ["extra == 'x'", false],
    ["extra != 'x'", true],
  ])('%s is %s here', (text, expected) => {
    expect(evaluateMarker(parseMarker(text), HERE)).toBe(expected);
  });

  it('know the extras that were asked for', () => {
    expect(evaluateMarker(parseMarker("extra == 'x'"), HERE, new Set(['x']))).toBe(true);
  });

  it('do not exhaust the stack', () => {
    expect(() => parseMarker('('.repeat(100_000))).toThrow(/too many nested/);
    const long = Array.from({ length: 5000 }, () => "os_name == 'posix'").join(' or ');
    expect(() => parseMarker(long)).not.toThrow();
  });
});
