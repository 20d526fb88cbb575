import { describe, expect, it } from 'vitest';
import { composeSettings, interpolate } from '../generate/compose.mjs';
import { mergeDocuments } from '../generate/merge-openapi.mjs';

const reference = (name) => ({ $ref: `#/components/schemas/${name}` });

function documentOf(path, schemas) {
  const responses = {
    200: { description: '', content: { 'application/json': { schema: reference('Page') } } },
  };
  return {
    openapi: '3.1.0',
    info: { title: '', version: '1.2.3' },
    paths: { [path]: { get: { responses } }, '/health': { get: { responses } } },
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

describe('mergeDocuments', () => {
  const item = (type) => ({ type: 'object', properties: { id: { type } } });
  const page = { type: 'object', properties: { items: { type: 'array', items: reference('Item') } } };
  const serviceOfPath = (path) => (path.startsWith('/api/v1/jobs') ? 'jobs' : 'auth');

  it('keeps one of equal schemas, and names different ones after their service, with all that name them', () => {
    const same = { type: 'string' };
    const merged = mergeDocuments(
      {
        auth: documentOf('/api/v1/users', { Item: item('string'), Page: page, Same: same }),
        jobs: documentOf('/api/v1/jobs', { Item: item('number'), Page: page, Same: same }),
      },
      serviceOfPath,
    );
    const { schemas } = merged.components;
    expect(Object.keys(schemas)).toEqual(['AuthItem', 'AuthPage', 'Health', 'JobsItem', 'JobsPage', 'Same']);
    expect(schemas.JobsPage.properties.items.items).toEqual(reference('JobsItem'));
    const answer = merged.paths['/api/v1/users'].get.responses[200].content['application/json'].schema;
    expect(answer).toEqual(reference('AuthPage'));
  });

  it("has the gateway's health and no route of a service's own port", () => {
    const merged = mergeDocuments(
      { jobs: documentOf('/api/v1/jobs', { Page: page, Item: item('string') }) },
      serviceOfPath,
    );
    expect(Object.keys(merged.paths)).toEqual(['/api/v1/health', '/api/v1/jobs']);
    expect(merged.info.version).toBe('1.2.3');
  });

  it('refuses a route that the gateway would send to another service', () => {
    const documents = { jobs: documentOf('/api/v1/users', { Page: page, Item: item('string') }) };
    expect(() => mergeDocuments(documents, serviceOfPath)).toThrow('but the gateway would ask auth');
  });
});

describe('the settings of a compose file', () => {
  const text = 'a: ${ONE:?say one}\nb: ${TWO:-2}\nc: ${ONE:?}\nd: $${NOT}\ne: ${THREE}';

  it('are found with their defaults and messages, once each', () => {
    expect([...composeSettings(text)]).toEqual([
      ['ONE', { default: null, message: 'say one' }],
      ['TWO', { default: '2', message: null }],
      ['THREE', { default: null, message: null }],
    ]);
  });

  it('are put in as docker compose does', () => {
    expect(interpolate(text, { ONE: '1' })).toBe('a: 1\nb: 2\nc: 1\nd: ${NOT}\ne: ');
    expect(() => interpolate(text, {})).toThrow('ONE: say one');
  });
});
