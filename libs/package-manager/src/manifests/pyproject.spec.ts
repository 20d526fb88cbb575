import { describe, expect, it } from 'vitest';
import { parsePyproject, renameProject } from './pyproject.js';
import { MAX_MANIFEST_BYTES } from './types.js';

const PROJECT = '[project]\nname = "mine"\nversion = "0.1.0"\n';

const faultsOf = (text: unknown): string[] => {
  const result = parsePyproject(text);
  return result.ok ? [] : result.errors.map((one) => `${one.code} ${one.field ?? ''}`.trim());
};

describe('a pyproject.toml', () => {
  it('is read into name, Python and specs', () => {
    const result = parsePyproject(
      `${PROJECT}requires-python = ">=3.11"\ndependencies = ["Rich>=13", "httpx[http2]"]\n[tool.ruff]\nline-length = 99\n`,
    );
    expect(result).toMatchObject({
      ok: true,
      manifest: {
        projectName: 'mine',
        requiresPython: '>=3.11',
        dependencies: [{ name: 'rich' }, { name: 'httpx', extras: ['http2'] }],
      },
    });
  });

  it.each([
    ['[dependency-groups]\ndev = ["pytest", { include-group = "lint" }]\nlint = ["ruff"]\n'],
    ['[project.optional-dependencies]\nx = ["numpy"]\n'],
    [
      '[tool.uv]\npackage = false\nconstraint-dependencies = ["numpy<3"]\nenvironments = ["sys_platform == \'linux\'"]\ndefault-groups = []\n',
    ],
    ['[project.urls]\nhome = "https://example.com"\n'],
  ])('may hold %j', (more) => {
    expect(faultsOf(PROJECT + more)).toEqual([]);
  });

  it.each([
    ['[build-system]\nrequires = ["hatchling"]\n', 'manifest_not_allowed build-system'],
    ['[tool.uv.sources]\nx = { path = "/etc" }\n', 'manifest_not_allowed tool.uv.sources'],
    ['[[tool.uv.index]]\nurl = "http://169.254.169.254"\n', 'manifest_not_allowed tool.uv.index'],
    ['[tool.uv]\nindex-url = "http://x"\n', 'manifest_not_allowed tool.uv.index-url'],
    ['[tool.uv]\nextra-index-url = ["http://x"]\n', 'manifest_not_allowed tool.uv.extra-index-url'],
    ['[tool.uv]\nfind-links = ["/"]\n', 'manifest_not_allowed tool.uv.find-links'],
    ['[tool.uv]\ncache-dir = "/"\n', 'manifest_not_allowed tool.uv.cache-dir'],
    ['[tool.uv]\npackage = true\n', 'manifest_not_allowed tool.uv.package'],
    ['[tool.uv]\nno-build = false\n', 'manifest_not_allowed tool.uv.no-build'],
    ['[tool.uv]\nsomething-new = 1\n', 'manifest_not_allowed tool.uv.something-new'],
    ['[tool.uv.workspace]\nmembers = ["../*"]\n', 'manifest_not_allowed tool.uv.workspace'],
    [
      '[tool.uv]\noverride-dependencies = ["x @ file:///etc"]\n',
      'manifest_not_allowed tool.uv.override-dependencies[0]',
    ],
    ['[tool.uv]\nenvironments = ["nonsense"]\n', 'manifest_invalid tool.uv.environments[0]'],
    ['[dependency-groups]\ndev = ["-e ."]\n', 'manifest_not_allowed dependency-groups.dev[0]'],
    [
      '[project.optional-dependencies]\nx = ["git+https://x/y"]\n',
      'manifest_not_allowed project.optional-dependencies.x[0]',
    ],
    ['[other]\na = 1\n', 'manifest_not_allowed other'],
  ])('may not hold %j', (more, fault) => {
    expect(faultsOf(PROJECT + more)).toEqual([fault]);
  });

  it.each([
    ['dependencies = ["x @ file:///etc/passwd"]\n', 'manifest_not_allowed project.dependencies[0]'],
    ['dependencies = ["ok", "numpy 2"]\n', 'manifest_invalid project.dependencies[1]'],
    ['dependencies = ["--index-url=x"]\n', 'manifest_not_allowed project.dependencies[0]'],
    ['dependencies = "numpy"\n', 'manifest_invalid project.dependencies'],
    ['dependencies = [1]\n', 'manifest_invalid project.dependencies[0]'],
    ['readme = "../../etc/passwd"\n', 'manifest_not_allowed project.readme'],
    [
      'readme = { file = "README.md", content-type = "text/markdown" }\n',
      'manifest_not_allowed project.readme',
    ],
    ['license = { file = "LICENSE" }\n', 'manifest_not_allowed project.license'],
    ['license-files = ["LICEN*"]\n', 'manifest_not_allowed project.license-files'],
    ['dynamic = ["dependencies"]\n', 'manifest_not_allowed project.dynamic'],
    ['requires-python = "3.12"\n', 'manifest_invalid project.requires-python'],
  ])('may not say %j of the project', (line, fault) => {
    expect(faultsOf(PROJECT + line)).toEqual([fault]);
  });

  it.each([
    ['', 'manifest_invalid'],
    ['not toml [', 'manifest_invalid'],
    ['[tool.x]\n', 'manifest_invalid project'],
    ['project = 1\n', 'manifest_invalid project'],
    ['[project]\nversion = "1"\n', 'manifest_invalid project.name'],
    ['[project]\nname = "../x"\nversion = "1"\n', 'manifest_invalid project.name'],
    ['[project]\nname = "x"\n', 'manifest_invalid project.version'],
    ['project = { name = "x", version = "1" }\n', 'manifest_invalid project.name'],
    ['[project]\nname = "x"\nname = "y"\n', 'manifest_invalid'],
    [`${PROJECT}# \u0000\n`, 'manifest_invalid'],
    [`# ${'x'.repeat(MAX_MANIFEST_BYTES)}\n${PROJECT}`, 'manifest_invalid'],
    [42, 'manifest_invalid'],
    [null, 'manifest_invalid'],
  ])('is not %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  it('says line and column of what is not TOML', () => {
    const result = parsePyproject('[project]\nname = oops\n');
    expect(result).toMatchObject({ ok: false, errors: [{ message: expect.stringContaining('line 2') }] });
  });
});

describe('renaming a project', () => {
  it('changes the name and nothing else', () => {
    const text =
      '# name = "no"\n[tool.x]\nname = "other"\n\n[ project ] # here\n  name   = \'mine\' # mine\nversion = "1"\n';
    expect(renameProject(text, 'environment')).toBe(text.replace("'mine'", '"environment"'));
  });

  it('is not fooled by a header inside of a text', () => {
    const text = '[tool.x]\nnote = """\n[project]\nname = "a"\n"""\n[project]\nname = "b"\nversion = "1"\n';
    expect(() => renameProject(text, 'environment')).toThrow(/no `name/);
  });
});
