import { titleParts } from './job-words';
import type { Job } from '../../lib/api';

/** What a job does; specs in the letters in which they were typed. */
export function JobTitle({ job }: { job: Pick<Job, 'type' | 'packages'> & Partial<Pick<Job, 'change'>> }) {
  const { verb, specs, more } = titleParts(job);
  return (
    <>
      {verb}
      {specs.map((spec, index) => (
        <span key={spec}>
          {index === 0 ? ' ' : ', '}
          <span className="font-mono text-[0.92em] font-medium">{spec}</span>
        </span>
      ))}
      {more > 0 ? ` and ${more} more` : ''}
    </>
  );
}
