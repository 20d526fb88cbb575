import { deriveKey, SecretConfig } from '@darb/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RefreshTokenCodec } from './refresh-token.js';
import { RefreshTokensRepository } from './refresh-tokens.repository.js';

export type Rotation =
  | { outcome: 'rotated'; token: string; sessionId: string; userId: string }
  /** Used long ago: somebody has a copy. */
  | { outcome: 'reused'; sessionId: string; userId: string }
  | { outcome: 'unknown' | 'ended' };

@Injectable()
export class RefreshTokens {
  private readonly codec: RefreshTokenCodec;

  constructor(
    private readonly repository: RefreshTokensRepository,
    config: SecretConfig,
  ) {
    this.codec = new RefreshTokenCodec(deriveKey(config.authJwtSecret, 'refresh-token'));
  }

  /** The first token of a session. */
  async issue(manager: EntityManager, sessionId: string): Promise<string> {
    return this.codec.encode(await this.insert(manager, sessionId));
  }

  async rotate(manager: EntityManager, token: string): Promise<Rotation> {
    const id = this.codec.decode(token);
    const state = id ? await this.repository.lock(manager, id, this.codec.hash(token)) : null;
    if (!id || !state) return { outcome: 'unknown' };
    const { sessionId, userId } = state;
    if (!state.isLive) return { outcome: 'ended' };
    if (state.isUsed && !state.isRepeat) return { outcome: 'reused', sessionId, userId };
    let successorId = state.successorId;
    if (!successorId) {
      successorId = await this.insert(manager, sessionId);
      await this.repository.markUsed(manager, id, successorId);
    }
    return { outcome: 'rotated', token: this.codec.encode(successorId), sessionId, userId };
  }

  private insert(manager: EntityManager, sessionId: string): Promise<string> {
    return this.repository.insert(manager, sessionId, (id) => this.codec.hash(this.codec.encode(id)));
  }
}
