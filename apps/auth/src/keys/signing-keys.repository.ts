import { SigningKey } from '@darb/models/entities';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';

export type SigningKeyRow = Pick<SigningKey, 'id' | 'public_jwk' | 'private_key_encrypted'>;

@Injectable()
export class SigningKeysRepository {
  constructor(private readonly database: DataSource) {}

  /** The key in use, oldest first; when there is none, `make` is called once, however many replicas start at once. */
  findOrCreate(make: () => Promise<SigningKeyRow>): Promise<SigningKeyRow> {
    return this.database.transaction(async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('darb auth signing key', 0))`);
      const [existing] = await manager.find(SigningKey, {
        where: { retired_at: IsNull() },
        order: { id: 'ASC' },
        take: 1,
      });
      if (existing) return existing;
      const made = await make();
      await manager.insert(SigningKey, made as never);
      return made;
    });
  }
}
