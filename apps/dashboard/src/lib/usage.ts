import type { PackageManagerType } from '@darb/models';

export interface WayToUse {
  label: string;
  command: string;
}

/** How to use the tree at `path` in a shell; where a tree keeps its prefix is a fixed layout. */
export function waysToUse(manager: PackageManagerType, path: string): WayToUse[] {
  const prefix = `${path}${manager === 'uv' ? '/.venv' : '/.pixi/envs/default'}`;
  const folder = { label: 'Folder', command: path };
  const direct = { label: 'Run without activating', command: `${quoted(`${prefix}/bin/python`)} script.py` };
  if (manager === 'pixi') {
    const hook = `pixi shell-hook --frozen --manifest-path ${quoted(`${path}/pixi.toml`)}`;
    return [{ label: 'Activate in bash or zsh', command: `eval "$(${hook})"` }, direct, folder];
  }
  return [
    { label: 'Activate in bash or zsh', command: `source ${quoted(`${prefix}/bin/activate`)}` },
    { label: 'Activate in fish', command: `source ${quoted(`${prefix}/bin/activate.fish`)}` },
    direct,
    folder,
  ];
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
