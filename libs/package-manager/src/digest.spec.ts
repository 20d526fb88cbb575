import { describe, expect, it } from 'vitest';
import { canonicalJson, DIGEST_SCHEMA, digestOf, majorMinor } from './digest.js';
import type { DigestInputs } from './port.js';

const INPUTS: DigestInputs = {
  schema: DIGEST_SCHEMA,
  pool: 'shared',
  manager: 'uv',
  tool: '0.13',
  platform: 'linux-64',
  libc: 'glibc 2.36',
  python: { implementation: 'cpython', version: '3.12.1', abi: 'cp312', path: '/usr/bin/python3.12' },
  lockfile: 'version = 1\n',
  groups: [],
  extras: [],
  environment: null,
  options: { no_build: true },
};

describe('the digest of a tree', () => {
  it('does not change from release to release: it names folders on disk', () => {
    expect(digestOf(INPUTS)).toBe('399bb74af515552d8ba8c6155280fc013a76eeae682d60a23a59840be6b8ae45');
  });

  it('does not depend on the order of keys', () => {
    const turned = Object.fromEntries(Object.entries(INPUTS).toReversed()) as unknown as DigestInputs;
    expect(digestOf(turned)).toBe(digestOf(INPUTS));
  });

  it('changes with everything that determines a tree', () => {
    const python = { ...INPUTS.python!, path: '/opt/python3.12' };
    const changes: Partial<DigestInputs>[] = [
      { pool: 'org-1' },
      { tool: '0.14' },
      { platform: 'linux-aarch64' },
      { libc: 'musl' },
      { python },
      { python: null },
      { lockfile: '' },
      { groups: ['dev'] },
      { extras: ['x'] },
      { environment: 'x' },
      { options: {} },
      { schema: 0 },
    ];
    const digests = changes.map((change) => digestOf({ ...INPUTS, ...change }));
    expect(new Set([...digests, digestOf(INPUTS)]).size).toBe(changes.length + 1);
  });

  it('is that of canonical JSON', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, e: undefined })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
    expect(majorMinor('0.13.8')).toBe('0.13');
  });
});
