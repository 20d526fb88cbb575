import { describe, expect, it } from 'vitest';
import { parsePixiToml } from './pixi-toml.js';
import { withEnforcedSettings } from './pixi-settings.js';

const WORKSPACE = '[workspace]\nname = "mine"\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n';

const faultsOf = (text: unknown): string[] => {
  const result = parsePixiToml(text);
  return result.ok ? [] : result.errors.map((one) => `${one.code} ${one.field ?? ''}`.trim());
};

describe('a pixi.toml', () => {
  it('is read into specs of conda and PyPI', () => {
    const result = parsePixiToml(
      `${WORKSPACE}[dependencies]\npython = "3.12.*"\nnumpy = { version = ">=2", build = "py312*" }\n[pypi-dependencies]\nrich = "*"\nuvicorn = { version = ">=0.3", extras = ["standard"] }\n`,
    );
    expect(result).toMatchObject({
      ok: true,
      manifest: {
        channels: ['conda-forge'],
        platforms: ['linux-64'],
        dependencies: [
          { name: 'python', version: '3.12.*' },
          { name: 'numpy', version: '>=2', build: 'py312*' },
        ],
        pypiDependencies: [
          { name: 'rich', version: '*' },
          { name: 'uvicorn', extras: ['standard'] },
        ],
      },
    });
  });

  it('takes the channels that an organization allows', () => {
    const text = WORKSPACE.replace('"conda-forge"', '"https://example.com/inner"');
    expect(faultsOf(text)).toEqual(['manifest_not_allowed workspace.channels[0]']);
    expect(parsePixiToml(text, { allowedChannels: ['https://example.com/inner'] }).ok).toBe(true);
  });

  it.each([
    ['[activation]\nscripts = ["x.sh"]\n', 'manifest_not_allowed activation'],
    ['[package]\nname = "x"\n', 'manifest_not_allowed package'],
    ['[feature.x.dependencies]\na = "*"\n', 'manifest_not_allowed feature'],
    ['[environments]\na = ["b"]\n', 'manifest_not_allowed environments'],
    ['[system-requirements]\ncuda = "12"\n', 'manifest_not_allowed system-requirements'],
    ['[target.linux-64.activation]\nscripts = ["x"]\n', 'manifest_not_allowed target.linux-64.activation'],
    [
      '[target.linux-64.dependencies]\nx = { path = "." }\n',
      'manifest_not_allowed target.linux-64.dependencies.x.path',
    ],
    ['[dependencies]\nx = { path = "." }\n', 'manifest_not_allowed dependencies.x.path'],
    ['[dependencies]\nx = { git = "https://x/y" }\n', 'manifest_not_allowed dependencies.x.git'],
    ['[dependencies]\nx = { url = "https://x/y.conda" }\n', 'manifest_not_allowed dependencies.x.url'],
    [
      '[dependencies]\nx = { version = "*", channel = "evil" }\n',
      'manifest_not_allowed dependencies.x.channel',
    ],
    ['[dependencies]\n"evil::x" = "*"\n', 'manifest_not_allowed dependencies.evil::x'],
    ['[dependencies]\n"../x" = "*"\n', 'manifest_not_allowed dependencies.../x'],
    ['[dependencies]\nx = ">>1"\n', 'manifest_invalid dependencies.x'],
    ['[dependencies]\nx = 1.3\n', 'manifest_invalid dependencies.x'],
    ['[pypi-dependencies]\nx = { path = "." }\n', 'manifest_not_allowed pypi-dependencies.x.path'],
    [
      '[pypi-dependencies]\nx = { version = "*", index = "http://x" }\n',
      'manifest_not_allowed pypi-dependencies.x.index',
    ],
    ['[pypi-options]\nindex-url = "http://x"\n', 'manifest_not_allowed pypi-options.index-url'],
    ['[pypi-options]\nfind-links = [{ path = "/" }]\n', 'manifest_not_allowed pypi-options.find-links'],
    ['[pypi-options]\nno-build = false\n', 'manifest_not_allowed pypi-options.no-build'],
    ['[pypi-options]\nno-build-isolation = true\n', 'manifest_not_allowed pypi-options.no-build-isolation'],
  ])('may not hold %j', (more, fault) => {
    expect(faultsOf(WORKSPACE + more)).toEqual([fault]);
  });

  it.each([
    ['preview = ["pixi-build"]', 'manifest_not_allowed workspace.preview'],
    [
      'conda-pypi-map = { conda-forge = "http://x/map.json" }',
      'manifest_not_allowed workspace.conda-pypi-map',
    ],
    ['channel-priority = "disabled"', 'manifest_not_allowed workspace.channel-priority'],
    ['readme = "README.md"', 'manifest_not_allowed workspace.readme'],
    ['license-file = "/etc/passwd"', 'manifest_not_allowed workspace.license-file'],
    ['nonsense = 1', 'manifest_not_allowed workspace.nonsense'],
    ['pypi-options = { index-url = "http://x" }', 'manifest_not_allowed workspace.pypi-options.index-url'],
  ])('may not say %j of the workspace', (line, fault) => {
    expect(faultsOf(`${WORKSPACE}${line}\n`)).toEqual([fault]);
  });

  it.each([
    ['', 'manifest_invalid'],
    ['[dependencies]\n', 'manifest_invalid workspace'],
    [WORKSPACE.replace('name = "mine"\n', ''), 'manifest_invalid workspace.name'],
    [WORKSPACE.replace('"mine"', '"../x"'), 'manifest_invalid workspace.name'],
    [WORKSPACE.replace('platforms = ["linux-64"]\n', ''), 'manifest_invalid workspace.platforms'],
    [WORKSPACE.replace('["linux-64"]', '[]'), 'manifest_invalid workspace.platforms'],
    [WORKSPACE.replace('"linux-64"', '"linux-63"'), 'manifest_invalid workspace.platforms[0]'],
    [WORKSPACE.replace('["conda-forge"]', '[]'), 'manifest_invalid workspace.channels'],
    [WORKSPACE.replace('"conda-forge"', '"file:///etc"'), 'manifest_not_allowed workspace.channels[0]'],
    [
      WORKSPACE.replace('"conda-forge"', '{ channel = "conda-forge", priority = 1 }'),
      'manifest_not_allowed workspace.channels[0]',
    ],
  ])('is not %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });
});

describe('the settings that Darb insists on', () => {
  it('are added once', () => {
    const once = withEnforcedSettings(WORKSPACE);
    expect(once).toContain('[workspace]\nconda-pypi-map = false\n');
    expect(once).toContain('[pypi-options]\nno-build = true\n');
    expect(withEnforcedSettings(once)).toBe(once);
    expect(faultsOf(once)).toEqual([]);
  });

  it('find a table that is there already', () => {
    const text = withEnforcedSettings(`${WORKSPACE}\n[pypi-options]\n\n[dependencies]\nx = "*"\n`);
    expect(text.match(/\[pypi-options\]/g)).toHaveLength(1);
    expect(faultsOf(text)).toEqual([]);
  });
});
