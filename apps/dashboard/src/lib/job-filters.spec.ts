import { describe, expect, it } from 'vitest';
import { jobsQuery } from './api';
import { jobFilters, toggleStatus } from './job-filters';

const ME = '0199c0de-0000-7000-8000-000000000001';
const ENVIRONMENT = '0199c0de-0000-7000-8000-000000000002';

describe('jobFilters', () => {
  it('reads all filters of an address', () => {
    const parameters = { status: 'running,pending', type: 'install', environment: ENVIRONMENT, by: 'me' };
    expect(jobFilters(parameters, ME)).toEqual({
      status: ['pending', 'running'],
      type: 'install',
      environment_id: ENVIRONMENT,
      requested_by: ME,
    });
  });

  it('leaves out what the API would refuse', () => {
    expect(jobFilters({ status: 'broken', type: 'nothing', environment: '../x', by: 'you' }, ME)).toEqual({});
    expect(jobFilters({ status: ['failed', 'x'], q: 'a' }, ME)).toEqual({ status: ['failed'] });
  });

  it('has one key for one list, in whatever order statuses were chosen', () => {
    expect(toggleStatus(toggleStatus(undefined, 'failed'), 'pending')).toEqual(['pending', 'failed']);
    expect(toggleStatus(['pending', 'failed'], 'failed')).toEqual(['pending']);
  });
});

describe('jobsQuery', () => {
  it('writes statuses as one value', () => {
    const query = jobsQuery({ status: ['pending', 'running'], environment_id: ENVIRONMENT }, 50, 'next');
    expect(Object.fromEntries(query)).toEqual({
      environment_id: ENVIRONMENT,
      status: 'pending,running',
      limit: '50',
      cursor: 'next',
    });
  });
});
