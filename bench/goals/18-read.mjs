/** GOALS 18: `GET /environments/{id}` with 50 connections, against the same SQL, prepared, on bare Fastify + pg. */
import autocannon from 'autocannon';
import fastify from 'fastify';
import pg from 'pg';
import { summarize } from '../lib/stats.mjs';

const CONNECTIONS = 50;
const SECONDS = 5;

/** The statement of the service for an instance admin, word for word. */
const SQL = `
  SELECT v.*, NULL AS grant_role
  FROM (
    SELECT e.*, r.size_bytes, r.package_count, r.python_version, copy.path, active.id AS active_job_id
    FROM environments.environments e
    LEFT JOIN environments.revisions r ON r.environment_id = e.id AND r.number = e.published_revision
    LEFT JOIN LATERAL (
      SELECT s.root || '/' || c.path AS path FROM environments.artifact_copies c
      JOIN environments.stores s ON s.id = c.store_id
      WHERE c.artifact_id = r.artifact_id AND c.state = 'ready' ORDER BY c.store_id = e.store_id DESC LIMIT 1
    ) copy ON true
    LEFT JOIN LATERAL (
      SELECT j.id FROM jobs.jobs j
      WHERE j.lane = 'environment:' || e.id AND j.status IN ('pending', 'running') ORDER BY j.lane_seq LIMIT 1
    ) active ON true
    WHERE e.id = $1 AND e.deleted_at IS NULL
  ) v`;

export const name = 'read';
export const goal = '≥ 0.6 × of the same statement, prepared, on bare Fastify + pg';

async function bareServer(dsn) {
  const pool = new pg.Pool({ connectionString: dsn, max: 10 });
  const server = fastify();
  server.get('/environments/:id', async (request) => {
    // Named: the server plans it once for each connection, as it does for the service.
    const { rows } = await pool.query({ name: 'read', text: SQL, values: [request.params.id] });
    return rows[0];
  });
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    close: async () => {
      await server.close();
      await pool.end();
    },
  };
}

async function load(url, headers = {}) {
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} bad answers, ${result.errors} errors`);
  return result.requests.average;
}

export async function measure(darb, rounds, note) {
  const environment = await darb.environment('read', ['alpha']);
  const { variables } = darb.services().environments;
  const bare = await bareServer(variables.DARB_DATABASE_DSN);
  const targets = {
    darb: `http://127.0.0.1:${variables.DARB_SERVER_PORT}/api/v1/environments/${environment.id}`,
    gateway: `${darb.url}/api/v1/environments/${environment.id}`,
    reference: `${bare.url}/environments/${environment.id}`,
  };
  const seen = { darb: [], gateway: [], reference: [] };
  for (let round = 0; round < rounds; round++) {
    await darb.signIn();
    for (const [target, url] of Object.entries(targets)) {
      seen[target].push([await load(url, { authorization: `Bearer ${darb.token}` })]);
    }
    note(`round ${round + 1}`);
  }
  await bare.close();
  const ratio = summarize(seen.darb).p50 / summarize(seen.reference).p50;
  return {
    darb_requests_per_second: summarize(seen.darb),
    through_gateway_requests_per_second: summarize(seen.gateway),
    reference_requests_per_second: summarize(seen.reference),
    ratio,
    is_met: ratio >= 0.6,
  };
}
