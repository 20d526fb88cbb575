import { JOB_PHASES } from '@darb/models';
import { describe, expect, it } from 'vitest';
import { hasPhases, phaseState, type PhaseTime, type Timings } from './phases';

const states = (
  run: Parameters<typeof phaseState>[1],
  times: readonly PhaseTime[] = [],
  timings: Timings = {},
) => JOB_PHASES.map((phase) => phaseState(phase, run, times, timings)).join(' ');
const begun = (...phases: (typeof JOB_PHASES)[number][]): PhaseTime[] =>
  phases.map((phase) => ({ phase, startedAt: '2026-01-01T00:00:00Z', endedAt: null }));

describe('phaseState', () => {
  it('goes by progress, and by the log when that is ahead', () => {
    const running = { status: 'running', progress: { phase: 'solve' } } as const;
    expect(states(running)).toBe('running waiting waiting waiting');
    expect(states(running, begun('solve', 'install'))).toBe('done running waiting waiting');
  });

  it('tells a failed phase from one that was cancelled', () => {
    const times = begun('solve', 'install');
    expect(states({ status: 'failed', progress: null }, times)).toBe('done failed waiting waiting');
    expect(states({ status: 'cancelled', progress: null }, times)).toBe('done cancelled waiting waiting');
    expect(states({ status: 'cancelled', progress: null })).toBe('waiting waiting waiting waiting');
  });

  it('shows what a finished run did not need', () => {
    const done = { status: 'completed', progress: null } as const;
    expect(states(done, begun('solve', 'publish'))).toBe('done skipped skipped done');
    expect(states(done, [], { solve: 12, install: 900, verify: 5, publish: 1 })).toBe('done done done done');
    // Its log is gone, and nobody measured: then it ran as it should.
    expect(states(done)).toBe('done done done done');
  });

  it('shows nothing where nothing is known', () => {
    expect(hasPhases({ status: 'completed', progress: null }, [], {})).toBe(false);
    expect(hasPhases({ status: 'completed', progress: null }, [], { publish: 2 })).toBe(true);
  });
});
