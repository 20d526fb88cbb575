import { describe, expect, it } from 'vitest';
import { waysToUse } from './usage';

describe('waysToUse', () => {
  it('knows where each manager keeps its prefix', () => {
    expect(waysToUse('uv', '/data/t').map(({ command }) => command)).toEqual([
      'source /data/t/.venv/bin/activate',
      'source /data/t/.venv/bin/activate.fish',
      '/data/t/.venv/bin/python script.py',
      '/data/t',
    ]);
    expect(waysToUse('pixi', '/data/t')[0]?.command).toBe(
      'eval "$(pixi shell-hook --frozen --manifest-path /data/t/pixi.toml)"',
    );
  });

  it('quotes a path that a shell would take apart', () => {
    expect(waysToUse('uv', "/my data/it's")[0]?.command).toBe(
      String.raw`source '/my data/it'\''s/.venv/bin/activate'`,
    );
  });
});
