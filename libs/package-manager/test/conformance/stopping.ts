import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../../src/index.js';
import { failureOf, type Stage } from './stage.js';

const ENDED: ToolResult = {
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: '',
  cancelled: false,
  timedOut: false,
  durationMs: 1,
};

export function describeStopping(stage: Stage): void {
  describe('when the process is stopped', () => {
    const stopped: [string, Partial<ToolResult>, object][] = [
      [
        'a cancel',
        { cancelled: true, signal: 'SIGTERM', exitCode: null },
        { code: 'cancelled', family: 'user' },
      ],
      [
        'a timeout',
        { timedOut: true, signal: 'SIGTERM', exitCode: null },
        { code: 'timeout', family: 'operational' },
      ],
      ['a kill', { signal: 'SIGKILL', exitCode: null }, { code: 'killed', family: 'operational' }],
    ];
    it.each(stopped)('tells %s apart from a failure', async (_name, changes, expected) => {
      const result: ToolResult = { ...ENDED, exitCode: 1, stderr: 'error: noise', ...changes };
      const error = await failureOf(
        stage.adapter.solve(
          stage.ask(stage.subject.installable.change),
          stage.job({ run: async () => result }),
        ),
      );
      expect(stage.adapter.classify(error)).toMatchObject(expected);
    });

    it('says that the tool has gone when it cannot be started', async () => {
      const gone = stage.job({ report: { ...stage.report, path: path.join(stage.store.root, 'nowhere') } });
      const error = await failureOf(stage.adapter.solve(stage.ask(stage.subject.installable.change), gone));
      expect(stage.adapter.classify(error)).toMatchObject({
        code: 'package_manager_unavailable',
        family: 'operational',
      });
    });

    it('never says that all is well when the tool wrote no lockfile', async () => {
      const error = await failureOf(
        stage.adapter.solve(
          stage.ask(stage.subject.installable.change),
          stage.job({ run: async () => ENDED }),
        ),
      );
      expect(stage.adapter.classify(error).code).toBe('tool_failed');
    });
  });
}
