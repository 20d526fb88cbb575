import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { addLogFields, currentRequestId } from '../logging/request-context.js';
import { toProblem } from './to-problem.js';

/** The only place where an error becomes an HTTP answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = toProblem(error);
    addLogFields({ problem_code: problem.code });
    if (problem.status >= 500) this.logger.error(problem.cause ?? problem);
    // The request was let through to the database: a check at the door is missing.
    else if (problem.code === 'invalid_value') this.logger.warn(problem.cause);
    // A stream that has begun can't turn into a problem; cutting it tells the reader to come back.
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply
      .status(problem.status)
      .headers({ ...problem.headers, 'content-type': 'application/problem+json; charset=utf-8' })
      .send(JSON.stringify(problem.toBody(currentRequestId())));
  }
}
