import { describe, expect, it } from 'vitest';
import { offendingSpecs, packageName } from './offending';

describe('packageName', () => {
  it('is the same however a spec is written', () => {
    const spellings = ['Ruamel.Yaml', 'ruamel_yaml>=0.18', 'ruamel-yaml[jinja2] ~= 0.18', ' ruamel.yaml ==1'];
    expect(spellings.map(packageName)).toEqual(spellings.map(() => 'ruamel-yaml'));
    expect(packageName('conda-forge::numpy >=2')).toBe('numpy');
    expect(packageName('>=3')).toBe('');
  });
});

describe('offendingSpecs', () => {
  const specs = ['rich', 'Flask>=99', 'requests'];
  const marked = (message: string, extract: string | null = null) => [
    ...offendingSpecs(specs, { message, extract }),
  ];

  it('marks what the sentence has in backticks', () => {
    expect(marked('There is no version of `flask>=99` for Python 3.12. Is requests needed?')).toEqual([1]);
  });

  it('falls back to the sentence, then to the words of the tool', () => {
    expect(marked('requests was not found in the index.')).toEqual([2]);
    expect(marked('The packages do not fit together.', 'Because rich==13.1 depends on …')).toEqual([0]);
  });

  it('takes whole names only, and marks nothing when all or none are named', () => {
    expect(marked('requests-toolbelt was not found.')).toEqual([]);
    expect(marked('rich, flask and requests can not be installed together.')).toEqual([]);
    expect(marked('The index did not answer.')).toEqual([]);
    expect([...offendingSpecs(['rich'], { message: 'No version of rich fits.' })]).toEqual([0]);
  });
});
