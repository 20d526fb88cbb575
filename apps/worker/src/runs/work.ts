import type { FinishAnswer, JobResult, PublishedAnswer } from '@darb/models';
import type { RunResult } from './finish-request.js';

/** What the commit of a job says is to be made visible on disk. */
export type Committed = Pick<FinishAnswer, 'revision' | 'artifact_path'>;

/**
 * What the order of one run asks of a worker, for one kind of subject. JobRun brings it through its epoch: it tells
 * jobs what came of it, and what is left to do when the worker stops, is cancelled, or is taken for lost.
 */
export interface Work {
  /** Everything up to the report; what it changes lies in scratch and in the trees that it told of by `willBuild`. */
  perform(): Promise<RunResult>;
  /** What an earlier epoch committed; asked only of an order that is there to publish it. */
  committed(): Committed;
  /** Makes visible what is committed. May be repeated. @throws TreeNotWhole */
  publish(committed: Committed): Promise<JobResult | null>;
  /** Builds the committed tree again after TreeNotWhole; the result goes to finish, which answers the new path. */
  rebuild(): Promise<RunResult>;
  /** The epoch was over before the links were moved: puts them where jobs says they belong. */
  correct(highest: NonNullable<PublishedAnswer['highest']>): Promise<void>;
}

/** The tree that is to be published is gone or was changed. */
export class TreeNotWhole extends Error {
  override readonly name = 'TreeNotWhole';
}
