import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBlockYaml } from './block-yaml.js';
import { parsePixiLock } from './pixi-lock.js';

describe('the YAML of a pixi.lock', () => {
  it('is read as what it stands for', () => {
    const text =
      "version: 7\nlist:\n- name: a\n  depends:\n  - python >=3.8\n  - 'x: ''y'''\n  purls: []\n- \"b\\\"\"\nempty:\nnested:\n  deep:\n    - 1.0\n";
    expect(JSON.parse(JSON.stringify(parseBlockYaml(text)))).toEqual({
      version: '7',
      list: [{ name: 'a', depends: ['python >=3.8', "x: 'y'"], purls: [] }, 'b"'],
      empty: '',
      nested: { deep: ['1.0'] },
    });
  });

  it('is understood in every lockfile that pixi was recorded to write', () => {
    const folder = path.join(import.meta.dirname, '../../../testing/src/scripted-pixi/fixtures');
    let count = 0;
    for (const file of readdirSync(folder)) {
      const { steps, texts } = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
      for (const step of steps) {
        const id = step.exit_code === 0 ? step.files_after['pixi.lock'] : null;
        // The recording with unusable lockfiles changed them by hand.
        if (id === null || file.startsWith('20-')) continue;
        const result = parsePixiLock(texts[id.slice('text:'.length)]);
        expect(result.ok, `${file}: ${JSON.stringify(result)}`).toBe(true);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(15);
  });
});
