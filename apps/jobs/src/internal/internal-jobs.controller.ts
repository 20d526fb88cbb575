import type { ArtifactAnswer, ClaimAnswer, FinishAnswer, PublishedAnswer, TreeAnswer } from '@darb/models';
import { CurrentWorker, IdPipe, Internal, Problem } from '@darb/service-kit';
import type { WorkerIdentity } from '@darb/service-kit';
import { Body, Controller, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { LogWriter } from '../logs/log-writer.js';
import { InternalJobsService } from './internal-jobs.service.js';
import {
  ArtifactDto,
  ClaimDto,
  FinishDto,
  LogChunkQueryDto,
  ReleaseDto,
  PublishedDto,
  TreeDto,
} from './internal.dto.js';
import { requireOwn } from './own-worker.js';

/** What a worker reports of the jobs that it holds. Whose epoch it is, the ledger proves under the job's lock. */
@ApiExcludeController()
@Internal('worker')
@Controller('internal/jobs/:id')
export class InternalJobsController {
  constructor(
    private readonly jobs: InternalJobsService,
    private readonly logs: LogWriter,
  ) {}

  @Post('claim')
  @HttpCode(200)
  async claim(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Body() body: ClaimDto,
  ): Promise<ClaimAnswer> {
    requireOwn(worker, body.worker_id);
    return this.jobs.claim(id, body);
  }

  @Post('epochs/:epoch/artifact')
  @HttpCode(200)
  async artifact(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Param('epoch', ParseIntPipe) epoch: number,
    @Body() body: ArtifactDto,
  ): Promise<ArtifactAnswer> {
    return this.jobs.reserveArtifact({ jobId: id, epoch, workerId: worker.workerId }, body);
  }

  @Post('epochs/:epoch/tree')
  @HttpCode(200)
  async tree(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Param('epoch', ParseIntPipe) epoch: number,
    @Body() body: TreeDto,
  ): Promise<TreeAnswer> {
    return this.jobs.tree({ jobId: id, epoch, workerId: worker.workerId }, body.copy_id);
  }

  @Post('epochs/:epoch/logs')
  @HttpCode(204)
  async appendLog(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Param('epoch', ParseIntPipe) epoch: number,
    @Query() query: LogChunkQueryDto,
    @Body() body: unknown,
  ): Promise<void> {
    if (!Buffer.isBuffer(body)) {
      throw new Problem(415, 'unsupported_media_type', 'Send a log chunk as application/gzip.');
    }
    await this.logs.append(
      { jobId: id, epoch, workerId: worker.workerId },
      { firstSeq: query.first_seq, lastSeq: query.last_seq, data: body },
    );
  }

  @Post('epochs/:epoch/finish')
  @HttpCode(200)
  async finish(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Param('epoch', ParseIntPipe) epoch: number,
    @Body() body: FinishDto,
  ): Promise<FinishAnswer> {
    return this.jobs.finish({ jobId: id, epoch, workerId: worker.workerId }, body);
  }

  @Post('epochs/:epoch/published')
  @HttpCode(200)
  async published(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Param('epoch', ParseIntPipe) epoch: number,
    @Body() body: PublishedDto,
  ): Promise<PublishedAnswer> {
    return this.jobs.published({ jobId: id, epoch, workerId: worker.workerId }, body);
  }

  @Post('epochs/:epoch/release')
  @HttpCode(204)
  async release(
    @CurrentWorker() worker: WorkerIdentity,
    @Param('id', IdPipe) id: string,
    @Param('epoch', ParseIntPipe) epoch: number,
    @Body() body: ReleaseDto,
  ): Promise<void> {
    await this.jobs.release({ jobId: id, epoch, workerId: worker.workerId }, body.reason);
  }
}
