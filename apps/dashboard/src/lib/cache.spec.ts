import { describe, expect, it } from 'vitest';
import type { Environment, Job } from './api';
import {
  environmentMatches,
  jobMatches,
  mergeIntoPages,
  newerEnvironment,
  newerJob,
  type Pages,
} from './cache';

const job = (over: Partial<Job>) =>
  ({ id: 'b', status: 'pending', attempt: 1, type: 'install', ...over }) as Job;
const environment = (over: Partial<Environment>) =>
  ({ id: 'b', name: 'Data', status: 'ready', updated_at: '2026-01-01T00:00:00Z', ...over }) as Environment;

describe('newerJob', () => {
  it('never brings a finished job back to life', () => {
    const done = job({ status: 'completed' });
    expect(newerJob(done, job({ status: 'running' }))).toBe(done);
    expect(newerJob(undefined, done)).toBe(done);
  });

  it('takes a job that waits again after its worker was lost, but nothing of an attempt before', () => {
    const second = job({ status: 'pending', attempt: 2 });
    expect(newerJob(job({ status: 'running' }), second)).toBe(second);
    expect(newerJob(second, job({ status: 'running', attempt: 1 }))).toBe(second);
  });
});

describe('newerEnvironment', () => {
  it('goes by the time of the change', () => {
    const known = environment({ updated_at: '2026-01-01T00:00:02Z' });
    expect(newerEnvironment(known, environment({ updated_at: '2026-01-01T00:00:01Z' }))).toBe(known);
    const later = environment({ updated_at: '2026-01-01T00:00:02Z' });
    expect(newerEnvironment(known, later)).toBe(later);
  });
});

describe('filters', () => {
  it('match as the API does', () => {
    expect(jobMatches(job({}), { status: ['pending', 'running'], type: 'install' })).toBe(true);
    expect(jobMatches(job({}), { status: ['failed'] })).toBe(false);
    expect(jobMatches(job({ requested_by: 'me' }), { requested_by: 'me' })).toBe(true);
    expect(jobMatches(job({ requested_by: null }), { requested_by: 'me' })).toBe(false);
    expect(jobMatches(job({ environment_id: 'x' }), { environment_id: 'y' })).toBe(false);
    expect(environmentMatches(environment({}), { q: 'dat' })).toBe(true);
    expect(environmentMatches(environment({}), { q: 'x' })).toBe(false);
    expect(environmentMatches(environment({ status: 'deleted' }), {})).toBe(false);
  });
});

describe('mergeIntoPages', () => {
  const pages = (...ids: string[][]): Pages<Job> => ({
    pages: ids.map((items) => ({ items: items.map((id) => job({ id })), next_cursor: null })),
    pageParams: [],
  });
  const ids = (data: Pages<Job> | undefined) =>
    data?.pages.map((page) => page.items.map((item) => item.id).join(''));

  it('replaces an item where it stands, on any page', () => {
    const merged = mergeIntoPages(pages(['d', 'c'], ['b']), job({ id: 'b', status: 'running' }), true);
    expect(ids(merged)).toEqual(['dc', 'b']);
    expect(merged?.pages[1]?.items[0]?.status).toBe('running');
  });

  it('adds a newer one on top, also to an empty list', () => {
    expect(ids(mergeIntoPages(pages(['b'], ['a']), job({ id: 'c' }), true))).toEqual(['cb', 'a']);
    expect(ids(mergeIntoPages(pages([]), job({ id: 'c' }), true))).toEqual(['c']);
  });

  it('takes out what no longer belongs, and leaves alone what never did', () => {
    expect(ids(mergeIntoPages(pages(['c', 'b']), job({ id: 'b' }), false))).toEqual(['c']);
    const data = pages(['c']);
    expect(mergeIntoPages(data, job({ id: 'd' }), false)).toBe(data);
    expect(mergeIntoPages(data, job({ id: 'a' }), true)).toBe(data);
    expect(mergeIntoPages(undefined, job({ id: 'a' }), true)).toBeUndefined();
  });
});
