import path from 'node:path';
import { banner, localUrl } from './banner.js';
import type { BannerFacts } from './banner.js';
import { complain, ignoreBrokenPipes, say } from './console.js';
import { chooseFolder, prepareFolder } from './data/data-folder.js';
import type { DataFolder } from './data/data-folder.js';
import { checkDisk } from './data/disk.js';
import { FolderLock } from './data/folder-lock.js';
import type { Secrets } from './data/secrets.js';
import { HELP, OptionError, parseOptions } from './options.mjs';
import { publicPortTrouble } from './public-port.mjs';
import { explainSystemError, Sentence } from './sentence.js';
import { postgresBinaries } from './servers/postgres-binaries.js';
import { readSettings } from './settings.js';
import type { Settings } from './settings.js';
import { onStopRequest } from './signals.js';
import { Supervisor } from './supervisor.js';
import { describePackageManagers } from './tools.js';
import { refuseUnknownVariables } from './variables.js';

const CHECKOUT = path.resolve(import.meta.dirname, '../../..');

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return say(HELP);
  let lock: FolderLock | undefined;
  let supervisor: Supervisor | undefined;
  let ending: Promise<void> | undefined;
  const end = (exitCode: number) => {
    lock?.noteStopping();
    ending ??= Promise.resolve(supervisor?.stop()).then(() => {
      lock?.release();
      process.exit(exitCode);
    });
  };
  const fail = (error: unknown) => {
    if (ending) return;
    complain(`\n${sentenceOf(error)}`);
    end(1);
  };
  onStopRequest(
    (reason) => {
      say(`\nStopping Darb (${reason}) …`);
      end(0);
    },
    () => {
      complain('Ending everything at once.');
      supervisor?.kill();
      setTimeout(() => process.exit(1), 500);
    },
  );
  process.on('uncaughtException', fail);

  try {
    const { env } = process;
    refuseUnknownVariables(env);
    const settings = readSettings(options, env);
    const isRoot = process.getuid?.() === 0;
    const folderPath = chooseFolder({ data: settings.data, env, isRoot, checkout: CHECKOUT });
    const binaries = postgresBinaries();
    const managers = describePackageManagers(env);
    checkDisk(folderPath, settings.allowsNetworkStorage);
    const folder = prepareFolder(folderPath, binaries.major);
    lock = await FolderLock.take(folder.path, folder.run, localUrl(settings));
    const trouble = await publicPortTrouble(settings.port, settings.host);
    if (trouble) throw new Sentence(trouble);
    if (ending) return;
    supervisor = new Supervisor({ checkout: CHECKOUT, folder, settings, env, binaries, giveUp: fail });
    const { isFirst } = await supervisor.start();
    if (ending) return;
    say(banner(bannerFacts({ settings, folder, managers, isRoot, isFirst, secrets: supervisor.secrets })));
  } catch (error) {
    fail(error);
  }
}

interface Started {
  settings: Settings;
  folder: DataFolder;
  managers: string[];
  isRoot: boolean;
  isFirst: boolean;
  secrets: Secrets;
}

function bannerFacts({ settings, folder, managers, isRoot, isFirst, secrets }: Started): BannerFacts {
  return {
    settings,
    folder: folder.path,
    managers,
    isRoot,
    generatedPassword: isFirst && !settings.adminPassword ? secrets.adminPassword() : undefined,
    passwordFile: secrets.has('admin-password') ? secrets.fileOf('admin-password') : undefined,
    publicUrl: process.env['DARB_PUBLIC_URL'],
  };
}

function sentenceOf(error: unknown): string {
  const explained = explainSystemError(error, 'starting Darb');
  if (explained instanceof Sentence || explained instanceof OptionError) return explained.message;
  return explained.stack ?? String(explained);
}

ignoreBrokenPipes();
main().catch((error: unknown) => {
  complain(sentenceOf(error));
  process.exit(1);
});
