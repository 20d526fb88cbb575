import { setTimeout as delay } from 'node:timers/promises';
import { complain, say } from '../console.js';
import { freeBytes } from '../data/disk.js';
import { Patience } from '../patience.js';
import { Sentence } from '../sentence.js';
import type { ProcessList } from './leftovers.js';
import { ManagedProcess } from './managed-process.js';
import type { Exit, ProcessPlan } from './managed-process.js';
import type { ReaperClient } from './reaper-client.js';

const START_TRIES = 3;
const READY_TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Who ran this long was well; its next end counts as the first again. */
const WELL_AFTER_MS = 60_000;
const MAX_CRASHES = 8;
const REPORT_EVERY_MS = 10_000;
const DISK_FULL = /ENOSPC|EDQUOT|No space left|Disk quota exceeded/;
/** Who ended on a full disk is started again once so much is free (PostgreSQL writes segments of 16 MB) … */
const NEEDED_BYTES = 48 * 1024 * 1024;
const FULL_BYTES = 8 * 1024 * 1024;
const LOOK_FOR_SPACE_EVERY_MS = 500;
/** … and now and then in any case: a quota does not show. */
const TRY_ON_FULL_DISK_EVERY_MS = 10_000;
const SAY_FULL_EVERY_MS = 60_000;

/** Somebody else listens where this process was to: the start is repeated with other ports. */
export class PortTaken extends Error {
  override name = 'PortTaken';
}

export interface KeeperParts {
  list: ProcessList;
  reaper: ReaperClient;
  /** Stops the whole Darb: a process does not stay up. */
  giveUp: (error: Sentence) => void;
  /** A process ended because it could not write; who holds space in reserve gives it back now. */
  onDiskFull: () => void;
}

/** Starts one process, waits until it is ready, starts it again when it ends by itself, and stops it. */
export class Keeper {
  readonly name: string;
  private readonly process: ManagedProcess;
  private isStopping = false;
  private isUp = false;
  private startedAt = 0;
  private crashes = 0;
  private lastReport = 0;
  private lastSaidFull = 0;
  private pause = new AbortController();

  constructor(
    plan: ProcessPlan,
    private readonly isReady: () => Promise<boolean>,
    private readonly parts: KeeperParts,
  ) {
    this.name = plan.name;
    this.process = new ManagedProcess(plan, (text) => this.report(text));
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Resolves when it is ready for the first time, and keeps it running from then on. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const exit = await this.startOnce();
      if (exit === 'ready') break;
      if (this.isStopping) throw new Sentence('Stopped.');
      this.refuseHopeless(exit);
      if (tries >= START_TRIES)
        throw new Sentence(`${this.name} could not be started: ${this.trouble(exit)}`);
      await delay(FIRST_PAUSE_MS);
    }
    void this.keep();
  }

  async stop(withinMs?: number): Promise<void> {
    this.isStopping = true;
    this.pause.abort();
    await this.process.stop(withinMs);
  }

  kill(): void {
    this.isStopping = true;
    this.pause.abort();
    this.process.kill();
  }

  private async startOnce(): Promise<Exit | 'ready'> {
    const pid = await this.process.start();
    this.startedAt = Date.now();
    const { list, reaper } = this.parts;
    list.add(this.name, pid);
    if (!this.process.plan.hasLifeline) reaper.add(pid);
    void this.process.ended.then(() => {
      list.remove(pid);
      reaper.remove(pid);
    });
    const outcome = await Promise.race([this.process.ended, this.becomesReady()]);
    this.isUp = outcome === 'ready';
    return outcome;
  }

  private async becomesReady(): Promise<'ready'> {
    const pid = this.process.pid;
    const patience = new Patience(READY_TIMEOUT_MS);
    while (!(await this.isReady().catch(() => false))) {
      // Ended meanwhile: the other side of the race answers.
      if (this.process.pid !== pid || this.isStopping) return new Promise(() => undefined);
      if (patience.isOver) {
        await this.process.stop();
        throw new Sentence(
          `${this.name} was not ready within ${READY_TIMEOUT_MS / 1000} s. Its log: ${this.process.plan.log}`,
        );
      }
      await delay(100);
    }
    return 'ready';
  }

  private async keep(): Promise<void> {
    for (;;) {
      const exit = await this.process.ended;
      this.isUp = false;
      if (this.isStopping) return;
      if (this.endedOnFullDisk()) await this.waitForSpace();
      else if (!(await this.pauseAfterCrash(exit))) return;
      if (this.isStopping) return;
      const outcome = await this.startOnce().catch((error: Error) => complain(error.message));
      if (outcome === 'ready') say(`${this.name} is back.`);
    }
  }

  /** False when it crashed too often. */
  private async pauseAfterCrash(exit: Exit): Promise<boolean> {
    this.crashes = Date.now() - this.startedAt > WELL_AFTER_MS ? 1 : this.crashes + 1;
    if (this.crashes >= MAX_CRASHES) {
      this.parts.giveUp(new Sentence(`${this.name} does not stay up: ${this.trouble(exit)}`));
      return false;
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.crashes - 1), LONGEST_PAUSE_MS);
    complain(
      `${this.name} ended unexpectedly (${describeExit(exit)}); starting it again in ${pauseMs / 1000} s. Its log: ${this.process.plan.log}`,
    );
    await this.sleep(pauseMs);
    return true;
  }

  /** PostgreSQL's last word is often another one than that it could not write, so the disk is looked at too. */
  private endedOnFullDisk(): boolean {
    const { errors, plan } = this.process;
    return DISK_FULL.test(errors.last ?? errors.plainText) || (freeBytes(plan.cwd) ?? Infinity) < FULL_BYTES;
  }

  /** That is nobody's fault here and has an end: it is not a crash, and the wait for it does not grow. */
  private async waitForSpace(): Promise<void> {
    this.parts.onDiskFull();
    if (Date.now() - this.lastSaidFull > SAY_FULL_EVERY_MS) {
      this.lastSaidFull = Date.now();
      complain(
        `${this.name} ended because the disk is full. Free some space: it starts again by itself when there is some. Its log: ${this.process.plan.log}`,
      );
    }
    await this.sleep(FIRST_PAUSE_MS);
    const patience = new Patience(TRY_ON_FULL_DISK_EVERY_MS);
    while (!this.isStopping && !patience.isOver) {
      if ((freeBytes(this.process.plan.cwd) ?? 0) >= NEEDED_BYTES) return;
      await this.sleep(LOOK_FOR_SPACE_EVERY_MS);
    }
  }

  private async sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.pause.signal }).catch(() => undefined);
  }

  /** A port that is taken or a setting that can't work does not get better by trying again. */
  private refuseHopeless(exit: Exit): void {
    const said = `${this.process.errors.last ?? ''}\n${this.process.errors.plainText}`;
    if (/EADDRINUSE|Address already in use|port \d+ is taken|[Ii]ts port is taken/.test(said))
      throw new PortTaken(this.trouble(exit));
    const { plainText } = this.process.errors;
    const [, sentence] = /can't start:\s+([\s\S]+)/.exec(plainText) ?? [];
    const setting = plainText.split('\n').find((line) => /\bDARB_[A-Z]/.test(line));
    if (sentence ?? setting) throw new Sentence(`${this.name} can't start: ${(sentence ?? setting)!.trim()}`);
  }

  private trouble(exit: Exit): string {
    const { errors, plan } = this.process;
    const said = errors.last ?? errors.plainText.split('\n').slice(-5).join('\n');
    if (DISK_FULL.test(said))
      return `the disk is full. Free some space, then start again. Its log: ${plan.log}`;
    return `${said || `it ended with ${describeExit(exit)}`}. Its log: ${plan.log}`;
  }

  private report(text: string): void {
    // What a starting process says is shown only if the start fails.
    if (!this.isUp || this.isStopping || Date.now() - this.lastReport < REPORT_EVERY_MS) return;
    this.lastReport = Date.now();
    const isFull = DISK_FULL.test(text);
    complain(`[${this.name}] ${isFull ? 'The disk is full; free some space, and it goes on. ' : ''}${text}`);
  }
}

function describeExit({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}
