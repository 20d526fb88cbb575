import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundaries, cruise } from './import-rules.mjs';

const ROOT = join(import.meta.dirname, '../..');

/** One forbidden import for each rule of .dependency-cruiser.mjs: the file that is planted and what it imports. */
const PLANTED: [rule: string, file: string, imports: string][] = [
  ['apps-stay-apart', 'apps/auth/src/planted-app.ts', '../../jobs/src/planted-target.js'],
  ['apps-stay-apart', 'apps/dashboard/src/planted-app.ts', '../../gateway/src/planted-target.js'],
  [
    'standalone-starts-only-the-gateway',
    'apps/standalone/src/planted.ts',
    '../../auth/src/planted-target.js',
  ],
  [
    'standalone-starts-only-the-gateway',
    'apps/standalone/src/planted-door.ts',
    '../../gateway/src/planted-target.js',
  ],
  ['libraries-know-no-app', 'libs/queue/src/planted-app.ts', '../../../apps/jobs/src/planted-target.js'],
  ['models-knows-only-its-own', 'libs/models/src/planted.ts', '@darb/queue'],
  ['ledger-knows-only-its-own', 'libs/ledger/src/planted.ts', '@darb/service-kit'],
  ['queue-knows-only-its-own', 'libs/queue/src/planted.ts', '@darb/models/entities'],
  ['service-kit-knows-only-its-own', 'libs/service-kit/src/planted.ts', '@darb/ledger'],
  ['api-client-knows-only-its-own', 'libs/api-client/src/planted.ts', '@darb/service-kit'],
  ['package-manager-knows-only-its-own', 'libs/package-manager/src/planted.ts', '@darb/queue'],
  ['testing-knows-only-its-own', 'libs/testing/src/planted.ts', '@darb/models'],
  ['dashboard-knows-only-its-own', 'apps/dashboard/src/planted.ts', '@darb/models/entities'],
  ['gateway-knows-only-its-own', 'apps/gateway/src/planted.ts', '@darb/models'],
  ['chaos-knows-only-its-own', 'chaos/src/planted.ts', '@darb/ledger'],
  ['e2e-knows-only-its-own', 'e2e/planted.ts', '@darb/api-client'],
  ['worker-has-no-database', 'apps/worker/src/planted-ledger.ts', '@darb/ledger'],
  ['worker-has-no-database', 'apps/worker/src/planted-entities.ts', '@darb/models/entities'],
  ['worker-has-no-database', 'apps/worker/src/planted-driver.ts', 'pg'],
  ['worker-has-no-database', 'apps/worker/src/planted-through-a-library.ts', '@darb/service-kit'],
  ['package-manager-knows-no-server', 'libs/package-manager/src/planted-nest.ts', '@nestjs/common'],
  ['package-manager-knows-no-server', 'libs/package-manager/src/planted-http.ts', 'node:http'],
  ['package-manager-knows-no-server', 'libs/package-manager/src/planted-queue.ts', 'bullmq'],
  ['package-manager-knows-no-server', 'libs/package-manager/src/planted-database.ts', 'pg'],
  ['controllers-only-translate', 'apps/jobs/src/planted/planted.controller.ts', './planted.repository.js'],
  ['controllers-only-translate', 'apps/auth/src/planted/planted.controller.ts', 'typeorm'],
  [
    'controllers-only-translate',
    'apps/environments/src/planted/planted.controller.ts',
    '@darb/models/entities',
  ],
  ['layers-point-down', 'apps/jobs/src/planted/planted.service.ts', './planted.controller.js'],
  ['repositories-do-not-call-up', 'apps/jobs/src/planted/planted.repository.ts', './other.service.js'],
  ['only-repositories-touch-the-database', 'apps/auth/src/planted/planted.service.ts', 'typeorm'],
  [
    'only-repositories-touch-the-database',
    'apps/environments/src/planted/planted.service.ts',
    '@darb/models/entities',
  ],
  ['no-cycles', 'libs/queue/src/planted-cycle.ts', './planted-cycle.back.js'],
  ['testing-is-for-tests', 'apps/jobs/src/planted-testing.ts', '@darb/testing'],
  ['resolvable', 'apps/jobs/src/planted-nowhere.ts', 'no-such-package'],
];

/** Files that only exist to be imported. */
const TARGETS = [
  'apps/jobs/src/planted-target.ts',
  'apps/auth/src/planted-target.ts',
  'apps/gateway/src/planted-target.ts',
  'apps/jobs/src/planted/other.service.ts',
];

/** What packages may not declare. */
const DECLARED: [who: string, needs: string][] = [
  ['apps/auth', '@darb/jobs'],
  ['apps/environments', '@darb/gateway'],
  ['apps/standalone', '@darb/worker'],
  ['apps/worker', '@darb/ledger'],
  ['apps/dashboard', '@darb/service-kit'],
  ['apps/gateway', '@darb/queue'],
  ['libs/ledger', '@darb/queue'],
  ['libs/package-manager', '@darb/service-kit'],
  ['libs/queue', '@darb/auth'],
];

async function plant(root: string, file: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), content);
}

async function packageFolders(): Promise<string[]> {
  const groups = await Promise.all(
    ['apps', 'libs'].map(async (group) =>
      (await readdir(join(ROOT, group))).map((name) => `${group}/${name}`),
    ),
  );
  return [...groups.flat(), 'e2e', 'bench', 'chaos'];
}

/** A copy of the checkout without anything built or installed; a package finds `@darb/*` inside the copy. */
async function copyCheckout(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'darb-imports-'));
  const skipped = new Set(['node_modules', 'dist', '.next', '.turbo', '.git', '.toolchain', 'test-results']);
  const filter = (source: string) => !skipped.has(basename(source));
  const files = [
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    'turbo.json',
    '.dependency-cruiser.mjs',
  ];
  for (const name of [
    ...files,
    'tsconfig.base.json',
    'tsconfig.test.json',
    'apps',
    'libs',
    'e2e',
    'bench',
    'chaos',
  ]) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true, filter });
  }
  for (const folder of await packageFolders()) await linkModules(copy, folder);
  return copy;
}

async function linkModules(copy: string, folder: string): Promise<void> {
  const modules = join(copy, folder, 'node_modules');
  await mkdir(join(modules, '@darb'), { recursive: true });
  for (const library of await readdir(join(ROOT, 'libs'))) {
    await symlink(join(copy, 'libs', library), join(modules, '@darb', library));
  }
  // Forbidden drivers can be found everywhere, as if somebody had added them to package.json.
  const drivers = ['pg', 'typeorm', 'bullmq', '@nestjs'];
  for (const name of drivers) await symlink(join(ROOT, 'apps/jobs/node_modules', name), join(modules, name));
}

describe('the import rules', () => {
  let copy: string;
  let found: Awaited<ReturnType<typeof cruise>>;

  beforeAll(async () => {
    copy = await copyCheckout();
    for (const [, file, imports] of PLANTED) await plant(copy, file, `import '${imports}';\nexport {};\n`);
    for (const file of TARGETS) await plant(copy, file, 'export {};\n');
    await plant(copy, 'libs/queue/src/planted-cycle.back.ts', "import './planted-cycle.js';\n");
    found = await cruise(copy);
  }, 120_000);
  afterAll(() => rm(copy, { recursive: true, force: true }));

  // A cycle is reported once, from either end.
  it.each(PLANTED)('%s: %s may not import %s', (rule, file) => {
    expect(
      found.filter(({ from, to }) => from === file || to === file).map((violation) => violation.rule),
    ).toContain(rule);
  });

  it('has a planted import for every rule', async () => {
    const { forbidden } = (await import(join(ROOT, '.dependency-cruiser.mjs'))).default;
    const rules = forbidden.map((rule: { name: string }) => rule.name);
    expect([...new Set(PLANTED.map(([rule]) => rule))].toSorted()).toEqual(rules.toSorted());
  });
});

describe('turbo boundaries', () => {
  let copy: string;
  let output: string;
  let exitCode: number;

  beforeAll(async () => {
    copy = await copyCheckout();
    for (const [who, needs] of DECLARED) {
      const path = join(copy, who, 'package.json');
      const description = JSON.parse(await readFile(path, 'utf8'));
      description.dependencies = { ...description.dependencies, [needs]: 'workspace:*' };
      await writeFile(path, JSON.stringify(description));
    }
    await plant(copy, 'libs/queue/src/planted-leaves.ts', "import '../../models/src/index.js';\n");
    await plant(copy, 'apps/auth/src/planted-undeclared.ts', "import 'bullmq';\n");
    const answer = await boundaries(copy);
    exitCode = answer.exitCode;
    // The complaints are drawn for people: one line of words again.
    output = answer.output.replaceAll(/\s*\n\s*\|?\s*/g, ' ');
  }, 120_000);
  afterAll(() => rm(copy, { recursive: true, force: true }));

  it.each(DECLARED)('%s may not need %s', (who, needs) => {
    const names = [`\`@darb/${basename(who)}\``, `\`${needs}\``];
    const complaints = output.split(' x ').map((complaint) => complaint.replaceAll(' ', ''));
    expect(complaints.some((complaint) => names.every((name) => complaint.includes(name)))).toBe(true);
  });

  it('answers with a failure', () => {
    expect(exitCode).not.toBe(0);
  });

  it('refuses an import by path that leaves the package', () => {
    expect(output).toMatch(/leaves the package|outside of? .*package/);
    expect(output).toContain('planted-leaves.ts');
  });

  it('refuses a package that package.json does not name', () => {
    expect(output).toContain('planted-undeclared.ts');
    expect(output).toContain('cannot import package `bullmq` because it is not a dependency');
  });
});
