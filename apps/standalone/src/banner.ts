import { networkInterfaces } from 'node:os';
import type { Settings } from './settings.js';
import { reachable } from './services/service-plans.js';

export interface BannerFacts {
  settings: Settings;
  folder: string;
  managers: string[];
  isRoot: boolean;
  /** Shown once, when this start made the admin with a password of its own. */
  generatedPassword: string | undefined;
  passwordFile: string | undefined;
  publicUrl: string | undefined;
}

/** What a person needs to know when Darb is up. */
export function banner(facts: BannerFacts): string {
  const { settings } = facts;
  const lines = ['', `Darb runs: ${facts.publicUrl ?? localUrl(settings)}`];
  const others = otherAddresses(settings);
  if (others) lines.push(`  ${others}`);
  lines.push(`  Name:     ${settings.adminUsername}`);
  if (facts.generatedPassword) {
    lines.push(
      `  Password: ${facts.generatedPassword}`,
      `  (It is kept in ${facts.passwordFile}; change it on the page.)`,
    );
  } else if (facts.passwordFile) {
    lines.push(`  (Its first password is in ${facts.passwordFile}.)`);
  }
  lines.push(`  Data:     ${facts.folder}`, ...facts.managers.map((line) => `  ${line}`));
  if (facts.isRoot) {
    lines.push(
      '  Darb runs as root: installed environments are marked read-only, but that does not hold root back.',
    );
  }
  return [...lines, 'Ctrl-C stops it.', ''].join('\n');
}

export function localUrl({ host, port }: Pick<Settings, 'host' | 'port'>): string {
  const name =
    !host || host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? 'localhost' : reachable(host);
  return `http://${name}:${port}`;
}

function otherAddresses({ host, port }: Settings): string | undefined {
  if (host && host !== '0.0.0.0' && host !== '::') return undefined;
  const outside = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => entry.family === 'IPv4' && !entry.internal)
    .map((entry) => `http://${entry.address}:${port}`);
  if (outside.length === 0) return undefined;
  return `also from other machines: ${outside.slice(0, 3).join(', ')} (DARB_SERVER_HOST=127.0.0.1 keeps it to this one)`;
}
