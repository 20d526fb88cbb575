import { setTimeout as delay } from 'node:timers/promises';
import { say } from './console.js';
import type { DataFolder } from './data/data-folder.js';
import { DiskReserve } from './data/reserve.js';
import { Secrets } from './data/secrets.js';
import { get, isOk } from './http.js';
import { migrate } from './migrate.js';
import { Patience } from './patience.js';
import { pickPorts } from './ports.js';
import { Keeper, PortTaken } from './processes/keeper.js';
import type { KeeperParts } from './processes/keeper.js';
import { ProcessList } from './processes/leftovers.js';
import { ReaperClient } from './processes/reaper-client.js';
import { Sentence } from './sentence.js';
import type { PostgresBinaries } from './servers/postgres-binaries.js';
import { checkDatabase, hasUsers, Postgres } from './servers/postgres.js';
import { checkValkey, Valkey } from './servers/valkey.js';
import { readyUrl, SERVICES, servicePlan, STOP_ORDER } from './services/service-plans.js';
import type { ServiceFacts, ServiceName } from './services/service-plans.js';
import type { Settings } from './settings.js';
import { environmentOf } from './variables.js';
import type { Environment } from './variables.js';

const PORT_TRIES = 3;
/** Everything is gone by then; what is not is killed. */
const STOP_LIMIT_MS = 27_000;
const HEALTHY_TIMEOUT_MS = 60_000;

export interface SupervisorOptions {
  checkout: string;
  folder: DataFolder;
  settings: Settings;
  env: Environment;
  binaries: PostgresBinaries;
  giveUp: (error: Sentence) => void;
}

/** Starts all of Darb in order, keeps it running, and stops it in the opposite order. */
export class Supervisor {
  readonly secrets: Secrets;
  private readonly parts: KeeperParts;
  private readonly list: ProcessList;
  private readonly reserve: DiskReserve;
  private readonly reaper = new ReaperClient();
  private readonly services = new Map<ServiceName, Keeper>();
  private postgres: Postgres | undefined;
  private valkey: Valkey | undefined;
  private isStopping = false;

  constructor(private readonly options: SupervisorOptions) {
    this.secrets = new Secrets(options.folder.secrets);
    this.list = new ProcessList(options.folder.run);
    this.reserve = new DiskReserve(options.folder);
    this.parts = {
      list: this.list,
      reaper: this.reaper,
      giveUp: options.giveUp,
      onDiskFull: () => this.reserve.release(),
    };
  }

  /** Resolves when the gateway says that all is well. `isFirst`: the admin was made by this start. */
  async start(): Promise<{ isFirst: boolean }> {
    await this.list.endLeftovers();
    const [databaseDsn, valkey] = await bothOrFirstError(this.startDatabase(), this.startQueue());
    this.refuseWhenStopping();
    await migrate({
      checkout: this.options.checkout,
      dsn: databaseDsn,
      env: environmentOf('', this.options.env),
    });
    const isFirst = !(await hasUsers(databaseDsn));
    this.refuseWhenStopping();
    await this.startServices(databaseDsn, valkey, isFirst);
    this.reserve.keep();
    return { isFirst };
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.reserve.stop();
    const limit = setTimeout(() => this.kill(), STOP_LIMIT_MS);
    await this.stopServices();
    await this.valkey?.stop();
    await this.postgres?.stop();
    clearTimeout(limit);
    this.reaper.close();
  }

  /** At once and without order. */
  kill(): void {
    this.isStopping = true;
    for (const service of this.services.values()) service.kill();
    this.valkey?.kill();
    this.postgres?.kill();
  }

  private async startDatabase(): Promise<string> {
    const { settings, folder, binaries, env } = this.options;
    if (settings.databaseDsn) {
      await checkDatabase(settings.databaseDsn);
      say('Using the database of DARB_DATABASE_DSN.');
      return settings.databaseDsn;
    }
    const password = this.secrets.key('postgres-password');
    return withFreshPort(async (port) => {
      this.postgres = new Postgres({ binaries, folder, password, env: environmentOf('', env) });
      return this.postgres.start(port, this.parts);
    });
  }

  private async startQueue(): Promise<ServiceFacts['valkey']> {
    const { settings, folder, env } = this.options;
    if (settings.valkeyAddr) {
      await checkValkey(settings.valkeyAddr);
      say(`Using the Valkey at ${settings.valkeyAddr}.`);
      return { addr: settings.valkeyAddr, password: env['DARB_QUEUE_VALKEY_PASSWORD'], isOurs: false };
    }
    const password = this.secrets.key('valkey-password');
    const addr = await withFreshPort(async (port) => {
      this.valkey = new Valkey({ folder, password, env: environmentOf('', env) });
      return this.valkey.start(port, this.parts);
    });
    return { addr, password, isOurs: true };
  }

  /** Their ports stand in each other's settings, so when one is taken all of them start again elsewhere. */
  private async startServices(
    databaseDsn: string,
    valkey: ServiceFacts['valkey'],
    isFirst: boolean,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.startServicesOnce(await this.facts(databaseDsn, valkey, isFirst));
      } catch (error) {
        await this.stopServices();
        if (!(error instanceof PortTaken) || this.isStopping || tries >= PORT_TRIES) throw error;
        say('A port was taken by another program meanwhile; starting the services on other ones …');
      }
    }
  }

  private async facts(
    databaseDsn: string,
    valkey: ServiceFacts['valkey'],
    isFirst: boolean,
  ): Promise<ServiceFacts> {
    const { checkout, folder, env, settings } = this.options;
    const picked = await pickPorts(SERVICES.length);
    const ports = Object.fromEntries(
      SERVICES.map((name, index) => [name, picked[index]!]),
    ) as ServiceFacts['ports'];
    return {
      checkout,
      folder,
      env,
      host: settings.host,
      port: settings.port,
      ports: { ...ports, gateway: settings.port },
      databaseDsn,
      valkey,
      jwtSecret: settings.jwtSecret ?? this.secrets.key('jwt-secret'),
      joinToken: settings.joinToken ?? this.secrets.key('worker-join-token'),
      adminPassword: isFirst ? (settings.adminPassword ?? this.secrets.adminPassword()) : undefined,
    };
  }

  private async startServicesOnce(facts: ServiceFacts): Promise<void> {
    say(`Starting ${SERVICES.join(', ')} …`);
    const started = Date.now();
    const starts = SERVICES.map(async (name) => {
      const keeper = new Keeper(servicePlan(name, facts), () => isOk(readyUrl(name, facts)), this.parts);
      this.services.set(name, keeper);
      await keeper.start();
      if (!this.isStopping) say(`  ${name} is ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    });
    await Promise.all(starts);
    await this.waitUntilHealthy(readyUrl('gateway', facts).replace('/health/ready', '/api/v1/health'));
  }

  /** Every service answers by now; what may be missing is the worker's first hello, or the admin. */
  private async waitUntilHealthy(url: string): Promise<void> {
    const patience = new Patience(HEALTHY_TIMEOUT_MS);
    while (!(await isOk(url).catch(() => false))) {
      this.refuseWhenStopping();
      if (patience.isOver) {
        const { body } = await get(url);
        throw new Sentence(
          `Every service runs, but Darb is not healthy: ${body} Logs: ${this.options.folder.logs}`,
        );
      }
      await delay(100);
    }
  }

  private async stopServices(): Promise<void> {
    // The two in front have nothing to keep; then each before what it relies on.
    await Promise.all(STOP_ORDER.slice(0, 2).map((name) => this.services.get(name)?.stop()));
    for (const name of STOP_ORDER.slice(2)) await this.services.get(name)?.stop();
    this.services.clear();
  }

  private refuseWhenStopping(): void {
    if (this.isStopping) throw new Sentence('Stopped.');
  }
}

async function withFreshPort<T>(work: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const [port] = await pickPorts(1);
    try {
      return await work(port!);
    } catch (error) {
      if (!(error instanceof PortTaken) || tries >= PORT_TRIES) throw error;
    }
  }
}

/** Like Promise.all, but waits for both: what is half started must be stopped by who knows of it. */
async function bothOrFirstError<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}
