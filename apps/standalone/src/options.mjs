// Plain JavaScript because scripts/bootstrap.mjs reads it before anything is built, with whatever Node there is.
import { parseArgs } from 'node:util';

export const HELP = `Starts all of Darb on this machine and runs until Ctrl-C.

  npm start -- [options]

  --port N      Port of the page and the API (default: DARB_SERVER_PORT, else 8080).
  --data DIR    Folder that keeps everything: database, environments, logs, secrets.
                Default: $XDG_DATA_HOME/darb (~/.local/share/darb), as root /var/lib/darb.
  --help        Shows this and ends.

Settings are environment variables named DARB_…; docs/configuration.md lists them.
DARB_DATABASE_DSN and DARB_QUEUE_VALKEY_ADDR use servers that you run yourself.`;

export class OptionError extends Error {}

/**
 * @param {string[]} args
 * @returns {{ help: boolean, port: number | undefined, data: string | undefined }}
 */
export function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: { port: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    // The first sentence names the option; what Node adds after it talks about positionals.
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new OptionError(`${message}. See npm start -- --help`);
  }
  if (values.data === '') throw new OptionError('--data needs the path of a folder.');
  return { help: values.help ?? false, port: parsePort(values.port), data: values.data };
}

/** @param {string | undefined} text */
function parsePort(text) {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new OptionError(`--port must be a number from 1 to 65535, not "${text}".`);
  }
  return port;
}
