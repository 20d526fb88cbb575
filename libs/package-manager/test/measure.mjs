/** `node libs/package-manager/test/measure.mjs [package] [rounds]`, after a build: bare `uv lock` + `uv sync` against solve, install and verify of the adapter, in turns. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startWheelIndex, uvPath } from '@darb/testing';
import { createPackageManager, makeReadOnly, removeTree } from '@darb/package-manager';
const [name = 'beta', rounds = '15'] = process.argv.slice(2);
const uv = uvPath();
const index = await startWheelIndex();
const root = mkdtempSync(path.join(os.tmpdir(), 'darb-measure-'));
const pool = { name: 'shared', path: path.join(root, 'pools/shared') };
mkdirSync(path.join(pool.path, 'store'), { recursive: true });
const adapter = createPackageManager('uv', {
  toolPath: uv,
  pythonPaths: [],
  indexUrl: index.url,
  environment: process.env,
});
const report = await adapter.detect();
const python = report.interpreters[0].path;
const spawned = (file, args, cwd, env) =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '',
      stderr = '';
    child.stdout.on('data', (d) => (stdout += d));
    child.stderr.on('data', (d) => (stderr += d));
    child.once('error', reject);
    child.once('close', (exitCode, signal) =>
      resolve({
        exitCode,
        signal,
        stdout,
        stderr,
        cancelled: false,
        timedOut: false,
        durationMs: performance.now() - started,
      }),
    );
  });
let n = 0;
async function bare() {
  const folder = path.join(pool.path, `bare-${++n}`);
  mkdirSync(folder);
  writeFileSync(
    path.join(folder, 'pyproject.toml'),
    `[project]\nname = "environment"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = ["${name}"]\n`,
  );
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: root,
    UV_CACHE_DIR: path.join(pool.path, 'cache/uv'),
    UV_DEFAULT_INDEX: index.url,
    UV_NO_CONFIG: '1',
    UV_PYTHON_DOWNLOADS: 'never',
  };
  const start = performance.now();
  for (const args of [
    ['lock', '-p', python],
    ['sync', '--frozen', '-p', python],
  ]) {
    const r = await spawned(uv, args, folder, env);
    if (r.exitCode) throw new Error(r.stderr);
  }
  const ms = performance.now() - start;
  rmSync(folder, { recursive: true });
  return { total: ms };
}
const REQUEST = {
  change: {
    type: 'create',
    python: null,
    packages: [name],
    pypi_packages: [],
    manifest: null,
    lockfile: null,
  },
  environmentName: 'x',
  python: null,
  channels: [],
  platforms: [],
  base: null,
  baseTree: null,
};

async function darb() {
  const scratch = path.join(pool.path, `scratch-${++n}`),
    tree = path.join(pool.path, 'store', `tree-${n}`);
  mkdirSync(scratch);
  let inTool = 0,
    spawns = 0;
  const context = {
    run: async (c) => {
      spawns++;
      const r = await spawned(c.file, c.args, c.cwd, c.env);
      inTool += r.durationMs;
      return r;
    },
    log() {},
    report,
    pool,
    scratch,
    sandboxed: false,
    credentials: [],
  };
  const t = {};
  let at = performance.now();
  const lap = (k) => {
    const now = performance.now();
    t[k] = now - at;
    at = now;
  };
  const start = at;
  const solution = await adapter.solve(REQUEST, context);
  lap('solve');
  await adapter.writeTree(tree, solution.digestInputs);
  await adapter.install(tree, solution.digestInputs, context);
  lap('install');
  await adapter.verify(tree, solution.digestInputs, context);
  lap('verify');
  await makeReadOnly(tree);
  lap('readonly');
  await adapter.inventory(tree, solution.manifest);
  lap('inventory');
  const total = performance.now() - start;
  rmSync(scratch, { recursive: true });
  await removeTree(tree);
  return { total, inTool, spawns, ...t };
}
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
await bare();
await darb();
const runs = { bare: [], darb: [] };
for (let i = 0; i < Number(rounds); i++) {
  runs.bare.push(await bare());
  runs.darb.push(await darb());
}
for (const [kind, list] of Object.entries(runs))
  console.log(
    kind,
    Object.fromEntries(Object.keys(list[0]).map((k) => [k, +median(list.map((one) => one[k])).toFixed(1)])),
  );
const diff = runs.darb.map((d, i) => d.total - runs.bare[i].total);
console.log('over bare, median ms:', median(diff).toFixed(1));
await index.close();
await removeTree(root);
process.exit(0);
