import path from 'node:path';

export const root = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../..',
);
export const toolchainFolder = path.join(root, '.toolchain');
export const binFolder = path.join(toolchainFolder, 'bin');

/** What children see: no npm_* (they would steer a nested npm or pnpm), and `tools` (folders) first on PATH. */
export function childEnvironment(extra = {}, tools = [binFolder]) {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: [...tools, ...personsPath()].join(path.delimiter),
    NEXT_TELEMETRY_DISABLED: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    ...extra,
  };
}

/** The PATH of the person, without what npm and we ourselves put in front of it. */
export function personsPath() {
  const own = path.join(root, 'node_modules', '.bin');
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => folder && folder !== binFolder && !folder.endsWith('node-gyp-bin') && folder !== own)
    .filter((folder) => !isParentBin(folder));
}

// npm run puts <every parent>/node_modules/.bin on PATH too.
function isParentBin(folder) {
  if (!folder.endsWith(path.join('node_modules', '.bin'))) return false;
  const parent = path.dirname(path.dirname(folder));
  return root === parent || root.startsWith(parent === path.sep ? parent : parent + path.sep);
}
