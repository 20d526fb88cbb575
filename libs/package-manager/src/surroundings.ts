/** What a tool's process may know of the worker's own environment and machine. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import type { MarkerEnvironment } from './specs/markers.js';
import type { InterpreterReport } from '@darb/models';

/** Certificates and proxies, nothing else: a tool's environment is an allow-list. */
const ALLOWED = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
];

/** The tools find nothing by PATH but `bash` and `env` (pixi, with PyPI packages). */
const TOOL_PATH = '/usr/bin:/bin';

/** The part of an environment that reaches a tool. */
export function allowedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed: Record<string, string> = { PATH: TOOL_PATH, LANG: 'C.UTF-8' };
  for (const name of ALLOWED) {
    const value = environment[name];
    if (value !== undefined && value !== '') passed[name] = value;
  }
  return passed;
}

/** Certificate files and folders named by the environment; a sandbox must show them. */
export function certificatePaths(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: folders } = environment;
  return [file ?? '', ...(folders ?? '').split(':')].filter(
    (path) => path.startsWith('/') && existsSync(path),
  );
}

/** Parts of a proxy address that must not reach a log. */
export function proxySecrets(environment: Readonly<Record<string, string | undefined>>): string[] {
  return ALLOWED.flatMap((name) => {
    const value = environment[name];
    if (value === undefined || !URL.canParse(value)) return [];
    const { password } = new URL(value);
    return password === '' ? [] : [password, decodeURIComponent(password)];
  });
}

const ARCHITECTURES: Record<string, string> = {
  x64: '64',
  arm64: 'aarch64',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/** This machine in conda's words, for example `linux-64`. */
export function currentPlatform(): string {
  if (process.platform === 'darwin') return process.arch === 'arm64' ? 'osx-arm64' : 'osx-64';
  if (process.platform === 'win32') return 'win-64';
  return `linux-${ARCHITECTURES[process.arch] ?? process.arch}`;
}

let libc: string | undefined;

/** For example `glibc 2.36`; `musl` without a version, because nothing tells it cheaply. */
export function currentLibc(): string {
  if (libc !== undefined) return libc;
  if (process.platform !== 'linux') return (libc = 'system');
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const version = report.header?.glibcVersionRuntime;
  return (libc = version === undefined ? 'musl' : `glibc ${version}`);
}

const MACHINES: Record<string, string> = {
  x64: 'x86_64',
  arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64',
};

/** What markers are held against, as the interpreter itself would answer. */
export function markerEnvironment(python: InterpreterReport): MarkerEnvironment {
  const isLinux = process.platform === 'linux';
  return {
    os_name: 'posix',
    sys_platform: process.platform,
    platform_machine: MACHINES[process.arch] ?? os.machine(),
    platform_python_implementation: python.implementation === 'pypy' ? 'PyPy' : 'CPython',
    platform_release: os.release(),
    platform_system: isLinux ? 'Linux' : 'Darwin',
    platform_version: os.version(),
    python_version: python.version.split('.').slice(0, 2).join('.'),
    python_full_version: python.version,
    implementation_name: python.implementation,
    implementation_version: python.version,
  };
}
