import { Problem } from '@darb/service-kit';
import { hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';

// OWASP's recommended parameters for argon2id (19 MiB, 2 passes, 1 lane): about 60 ms.
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each hash takes a core and 19 MiB for a while; more at once only makes all of them slower. */
const MOST_AT_ONCE = 4;
const MOST_WAITING = 200;

export interface PasswordGate {
  /** Right before a verification; throws when there may be none. */
  admit(): Promise<void>;
  /** Right after one that failed. */
  refused(): Promise<void>;
}

/** argon2id, a few at a time. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, PARAMETERS));
  }

  /**
   * Without a hash (no such user) it works just as long and answers false. The gate is asked and told within the
   * turn: so a burst of guesses can't pass a throttle that none of them has been counted by yet.
   */
  verify(passwordHash: string | null, password: string, gate: PasswordGate): Promise<boolean> {
    return this.inTurn(async () => {
      await gate.admit();
      const isEqual = await verify(passwordHash ?? (await this.decoyHash()), password);
      const isRight = passwordHash !== null && isEqual;
      if (!isRight) await gate.refused();
      return isRight;
    });
  }

  private decoyHash(): Promise<string> {
    this.decoy ??= hash('a password that nobody has', PARAMETERS);
    return this.decoy;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= MOST_WAITING) {
      throw new Problem(503, 'busy', 'Too many people are signing in at this moment; try again.', {
        headers: { 'retry-after': '5' },
      });
    }
    // A finished piece of work hands its place to the next in line, so nobody who comes later gets in between.
    if (this.running >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
