import { defineConfig } from 'vitest/config';

// Workspace packages are tested from their sources. Only these conditions: with `import` or `module` in the list,
// CommonJS dependencies would resolve to their ESM builds when required.
const conditions = ['darb-source', 'node', 'default'];

export default defineConfig({
  // Each tsconfig.json covers what is built; the specs beside it use decorators and class fields the same way.
  oxc: {
    decorator: { legacy: true, emitDecoratorMetadata: true },
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
  ssr: { resolve: { conditions } },
  // Where the global set-up runs.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    pool: 'forks',
    // Two cores; a test that starts servers or tools of its own needs the second one.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{libs,apps}/*/src/**/*.spec.{ts,tsx}', 'chaos/src/**/*.spec.ts'],
          testTimeout: 15_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'scripts',
          include: ['scripts/**/*.spec.{ts,mjs}'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'boot',
          include: ['scripts/**/*.boot.ts'],
          globalSetup: ['./vitest.servers.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{libs,apps}/*/test/**/*.spec.ts'],
          globalSetup: ['./vitest.servers.ts'],
          // Generous: a busy machine is not a failed test.
          testTimeout: 60_000,
          hookTimeout: 90_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/specs/**/*.spec.ts'],
          globalSetup: ['./e2e/setup.ts'],
          // One Darb for all of them, and one of them kills its worker.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
