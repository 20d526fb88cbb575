/** Guarantee: no text from a person becomes an option, a path or an address (DESIGN §3, 10). */
import { describe, expect, it } from 'vitest';
import { MAX_SPEC_LENGTH, MAX_SPECS, parseNames, parseSpecs } from './parse-specs.js';

const codeOf = (kind: 'uv' | 'pixi' | 'pypi', spec: unknown): string => {
  const result = parseSpecs(kind, [spec]);
  return result.ok ? `accepted: ${result.specs[0]!.raw}` : result.errors[0]!.code;
};

describe('specs for uv', () => {
  it.each([
    ['numpy', 'numpy', ''],
    ['Django', 'django', ''],
    ['zope.interface', 'zope-interface', ''],
    ['ruamel_yaml', 'ruamel-yaml', ''],
    ['a', 'a', ''],
    ['2to3', '2to3', ''],
    ['httpx>=0.27', 'httpx', '>=0.27'],
    ['httpx >= 0.27 , < 1', 'httpx', '>= 0.27 , < 1'],
    ['rich==13.*', 'rich', '==13.*'],
    ['rich!=13.0.*', 'rich', '!=13.0.*'],
    ['rich~=13.1', 'rich', '~=13.1'],
    ['rich===13.1-odd', 'rich', '===13.1-odd'],
    ['rich (>=13)', 'rich', '>=13'],
    ['pkg>=1.0rc1', 'pkg', '>=1.0rc1'],
    ['pkg==1!2.0.post1.dev2+local.3', 'pkg', '==1!2.0.post1.dev2+local.3'],
    ['pkg>=1,', 'pkg', '>=1,'],
    ['  numpy  ', 'numpy', ''],
  ])('takes %s', (text, name, version) => {
    const result = parseSpecs('uv', [text]);
    expect(result).toMatchObject({ ok: true, specs: [{ name, version, raw: text.trim() }] });
  });

  it('reads extras and markers', () => {
    const result = parseSpecs('uv', [
      "uvicorn[Standard, http_tools] >=0.30 ; python_version >= '3.9' and (os_name == 'posix' or extra == 'x')",
    ]);
    expect(result).toMatchObject({
      ok: true,
      specs: [
        {
          name: 'uvicorn',
          extras: ['standard', 'http-tools'],
          version: '>=0.30',
          marker: expect.stringContaining('os_name'),
        },
      ],
    });
  });

  it.each([
    ['--index-url=http://x'],
    ['--index-url'],
    ['-r requirements.txt'],
    ['-rrequirements.txt'],
    ['-e .'],
    ['--editable=.'],
    ['--'],
    ['-'],
    ['--help'],
    ['x @ file:///etc/passwd'],
    ['x@file:///etc/passwd'],
    ['x @ https://example.com/x.whl'],
    ['x[y] @ https://example.com/x.whl'],
    ['git+https://example.com/x.git'],
    ['git+ssh://git@example.com/x.git'],
    ['hg+http://example.com/x'],
    ['x @ git+https://example.com/x.git@main'],
    ['https://example.com/x-1.0-py3-none-any.whl'],
    ['HTTP://example.com/x'],
    ['file:///etc/passwd'],
    ['file:/etc/passwd'],
    ['/etc/passwd'],
    ['./x'],
    ['../x'],
    ['..'],
    ['.'],
    ['~/x'],
    ['~root'],
    ['$HOME'],
    ['x/y'],
    ['x\\y'],
    ['C:\\x'],
    ['C:x'],
    ['x-1.0-py3-none-any.whl'],
    ['x-1.0.tar.gz'],
    ['x.zip'],
    ['environment'],
    ['Environment>=1'],
  ])('does not allow %s', (text) => {
    expect(codeOf('uv', text)).toBe('spec_not_allowed');
  });

  it.each([
    [''],
    ['   '],
    ['!'],
    ['=1.0'],
    ['>=1.0'],
    ['numpy 1.0'],
    ['numpy=1.0'],
    ['numpy=>1.0'],
    ['numpy==='],
    ['numpy>='],
    ['numpy>=1,,<2'],
    ['numpy>=1 <2'],
    ['numpy>=abc'],
    ['numpy>=1.*'],
    ['numpy~=1'],
    ['numpy==1.0 2.0'],
    ['numpy[extra'],
    ['numpy]'],
    ['numpy[a b]'],
    ['numpy[a,,b]'],
    ['numpy[-]'],
    ['numpy()'],
    ['numpy(>=1'],
    ['numpy;'],
    ['numpy; '],
    ['numpy; nonsense'],
    ['numpy; python_version'],
    ['numpy; python_version >='],
    ["numpy; 'a' == 'b'"],
    ["numpy; python_version >= '3' and"],
    ["numpy; (python_version >= '3'"],
    ["numpy; python_version >= '3' junk"],
    [`numpy; ${'('.repeat(100)}`],
    ['numpy; __import__("os")'],
    ['numpy $(touch x)'],
    ['numpy`id`'],
    ['numpy|cat'],
    ['numpy&&id'],
    ['numpy#x'],
    ['numpy%00'],
    ['numpy-'],
    ['-numpy-'.slice(7)],
    ['numpy,scipy'],
    ['num py'],
    ['numpy\nscipy'],
    ['numpy\r'],
    ['numpy\t>=1'],
    ['numpy\u0000'],
    ['numpy\u001b[31m'],
    ['numpy\u007f'],
    ['nümpy'],
    ['numpy\u00a0'],
    ['numpy\u2028'],
    ['\u202enumpy'],
    ['ｎumpy'],
    ['n'.repeat(MAX_SPEC_LENGTH + 1)],
    [42],
    [null],
    [undefined],
    [true],
    [['numpy']],
    [{ name: 'numpy' }],
  ])('calls %j invalid', (value) => {
    expect(codeOf('uv', value)).toBe('spec_invalid');
  });

  it('points at the first wrong character and says what to write', () => {
    const result = parseSpecs('uv', ['rich', 'numpy 2.0']);
    expect(result).toMatchObject({
      ok: false,
      errors: [{ index: 1, position: 6, message: expect.stringContaining('`==2.0`') }],
    });
  });

  it('points into a marker', () => {
    const result = parseSpecs('uv', ["numpy; python_version >> '3'"]);
    expect(result).toMatchObject({ ok: false, errors: [{ position: 23 }] });
  });

  it('reports every fault of a list, not only the first', () => {
    const result = parseSpecs('uv', ['-r x', 'numpy', '/etc', '!']);
    expect(result.ok ? [] : result.errors.map((one) => [one.index, one.code])).toEqual([
      [0, 'spec_not_allowed'],
      [2, 'spec_not_allowed'],
      [3, 'spec_invalid'],
    ]);
  });

  it.each([[[]], [null], [undefined], ['numpy'], [{}], [Array.from({ length: MAX_SPECS + 1 }, () => 'a')]])(
    'wants a list with something in it: %j',
    (value) => {
      expect(parseSpecs('uv', value)).toMatchObject({
        ok: false,
        errors: [{ code: 'spec_invalid', index: null }],
      });
    },
  );
});

describe('specs for pixi', () => {
  it.each([
    ['numpy', 'numpy', '', null],
    ['NumPy', 'numpy', '', null],
    ['_libgcc_mutex', '_libgcc_mutex', '', null],
    ['python=3.12', 'python', '=3.12', null],
    ['python ==3.12.1', 'python', '==3.12.1', null],
    ['numpy>=2,<2.2', 'numpy', '>=2,<2.2', null],
    ['numpy >=1.26|>=2', 'numpy', '>=1.26|>=2', null],
    ['openssl 3.0.*', 'openssl', '3.0.*', null],
    ['pkg-003 *', 'pkg-003', '*', null],
    ['zlib=1.3.1=*_0', 'zlib', '=1.3.1', '*_0'],
    ['numpy >=2 py312*', 'numpy', '>=2', 'py312*'],
    ['numpy >= 2', 'numpy', '>=2', null],
  ])('takes %s', (text, name, version, build) => {
    expect(parseSpecs('pixi', [text])).toMatchObject({
      ok: true,
      specs: [{ raw: text, name, version, build }],
    });
  });

  it.each([
    ['conda-forge::numpy'],
    ['file:///channel::numpy'],
    ['https://example.com/channel::numpy'],
    ['conda-forge/linux-64::numpy'],
    ["numpy[version='>=2']"],
    ['numpy[url=https://example.com/x.conda]'],
    ['*[md5=0]'],
    ['https://example.com/x-1.0-0.conda'],
    ['./x-1.0-0.conda'],
    ['x-1.0-0.tar.bz2'],
    ['/x.conda'],
    ['../evil'],
    ['git+https://example.com/x.git'],
    ['numpy@2'],
    ['--help'],
    ['-c evil'],
  ])('does not allow %s', (text) => {
    expect(codeOf('pixi', text)).toBe('spec_not_allowed');
  });

  it.each([
    ['numpy=>2,<<'],
    ['numpy>>1'],
    ['a b c d'],
    ['a b c'],
    ['=1'],
    ['*'],
    ['numpy>=2;x'],
    ['numpy=1=b=c'],
    ['numpy >=2 py!'],
    ['num$py'],
    ['numpy\n'.concat('x')],
  ])('calls %j invalid', (text) => {
    expect(codeOf('pixi', text)).toBe('spec_invalid');
  });

  it('takes PyPI specs by the rules of PyPI', () => {
    expect(codeOf('pypi', 'top-lib>=1; python_version >= "3"')).toMatch(/^accepted/);
    expect(codeOf('pypi', 'not a spec!!')).toBe('spec_invalid');
    expect(codeOf('pypi', 'x @ file:///x')).toBe('spec_not_allowed');
  });
});

describe('names', () => {
  it('are normalised and unique', () => {
    expect(parseNames('uv', ['Mixed.Case_Name', 'mixed-case-name'])).toEqual({
      ok: true,
      names: ['mixed-case-name'],
    });
  });

  it.each([['numpy>=1'], ['numpy[x]'], ["numpy; os_name == 'x'"]])('are no specs: %s', (text) => {
    expect(parseNames('uv', [text])).toMatchObject({
      ok: false,
      errors: [{ code: 'spec_invalid', index: 0 }],
    });
  });
});
