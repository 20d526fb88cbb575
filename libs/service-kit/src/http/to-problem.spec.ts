import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { Problem } from './problem.js';
import { toProblem } from './to-problem.js';

const withCode = (code: string) => Object.assign(new Error('from the driver'), { code });

describe('toProblem', () => {
  it.each(['ECONNREFUSED', 'ETIMEDOUT', '57P01', '57014', '25P03', '08006', '53300', '53100', '58030'])(
    'answers 503 for a lost database (%s)',
    (code) => {
      const problem = toProblem(withCode(code));
      expect(problem).toMatchObject({
        status: 503,
        code: 'dependency_unavailable',
        headers: { 'retry-after': '2' },
      });
    },
  );

  it('sees through what wraps the error', () => {
    expect(toProblem({ message: 'query failed', driverError: withCode('57P01') }).status).toBe(503);
    expect(toProblem(new AggregateError([withCode('ECONNREFUSED')])).status).toBe(503);
    expect(toProblem(new Error('Connection terminated unexpectedly')).status).toBe(503);
  });

  it('blames the request for a value that the database does not take', () => {
    for (const code of ['22021', '22P02', '22003', '54000']) {
      expect(toProblem({ message: 'query failed', driverError: withCode(code) })).toMatchObject({
        status: 422,
        code: 'invalid_value',
      });
    }
  });

  it('tells an unmigrated database from a lost one', () => {
    expect(toProblem(withCode('42P01'))).toMatchObject({ status: 503, code: 'database_not_migrated' });
  });

  it('says nothing about what it did not expect', () => {
    const problem = toProblem(new Error('password=hunter2 at line 3'));
    expect(problem).toMatchObject({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(problem.toBody('r'))).not.toContain('hunter2');
  });

  it('keeps problems and names unknown routes', () => {
    const problem = new Problem(409, 'name_taken', 'Taken.');
    expect(toProblem(problem)).toBe(problem);
    expect(toProblem(new NotFoundException('Cannot GET /x')).code).toBe('route_not_found');
  });
});
