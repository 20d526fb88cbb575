import { LedgerError } from '@darb/ledger';
import type { LedgerErrorCode } from '@darb/ledger';
import { Problem } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { catchError } from 'rxjs';
import type { Observable } from 'rxjs';

/** Every other move that the ledger refuses is a conflict with what the job or environment is by now. */
const NOT_CONFLICTS: Partial<Record<LedgerErrorCode, [status: number, code: string]>> = {
  job_not_found: [404, 'not_found'],
  environment_not_found: [404, 'not_found'],
  store_not_found: [404, 'not_found'],
  unknown_artifact: [422, 'unknown_artifact'],
  too_many_jobs: [429, 'too_many_jobs'],
};

/** Turns what the ledger refuses into a problem with the same code. */
@Injectable()
export class LedgerErrorInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        throw error instanceof LedgerError ? toProblem(error) : error;
      }),
    );
  }
}

function toProblem(error: LedgerError): Problem {
  const [status, code] = NOT_CONFLICTS[error.code] ?? [409, error.code];
  return new Problem(status, code, error.message, { extra: error.extra });
}
