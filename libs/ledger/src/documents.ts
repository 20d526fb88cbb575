import { createHash } from 'node:crypto';
import type { DocumentReference } from '@darb/models';
import { LedgerError } from './errors.js';
import { cleanText, rows } from './sql.js';
import type { Queryable } from './sql.js';

/** Texts that one transaction keeps; each is written once, whoever refers to it. */
export class Documents {
  private readonly texts = new Map<string, string>();
  private readonly references = new Set<string>();

  /** Takes a text; it is written by `store`. */
  readonly add = (text: string): DocumentReference => {
    const content = cleanText(text);
    const sha256 = createHash('sha256').update(content).digest('hex');
    this.texts.set(sha256, content);
    return { sha256 };
  };

  /** Refers once more to a text that is kept already. */
  readonly keep = (reference: DocumentReference): DocumentReference => {
    this.references.add(reference.sha256);
    return reference;
  };

  /** @throws LedgerError not_retryable when a text that was referred to is no longer kept */
  async store(tx: Queryable): Promise<void> {
    if (this.references.size > 0) await this.renew(tx);
    if (this.texts.size === 0) return;
    const contents = [...this.texts.values()];
    // In the order of their keys, so that two transactions never wait for one another.
    await tx.query(
      `INSERT INTO environments.documents (sha256, content, size_bytes)
       SELECT sha256, content, octet_length(content) FROM unnest($1::text[], $2::text[]) AS d (sha256, content)
       ORDER BY sha256
       ON CONFLICT (sha256) DO UPDATE SET referenced_at = now()`,
      [[...this.texts.keys()], contents],
    );
  }

  private async renew(tx: Queryable): Promise<void> {
    const renewed = await rows(
      tx,
      `WITH found AS (
         SELECT sha256 FROM environments.documents WHERE sha256 = ANY($1::text[]) ORDER BY sha256 FOR UPDATE
       )
       UPDATE environments.documents d SET referenced_at = now() FROM found WHERE d.sha256 = found.sha256
       RETURNING d.sha256`,
      [[...this.references]],
    );
    if (renewed.length === this.references.size) return;
    throw new LedgerError(
      'not_retryable',
      'The manifest or lockfile of that job is no longer kept: request the change again with its files.',
    );
  }
}

/** Texts by their sha256; null when one of them is no longer kept. */
export async function loadDocuments(
  tx: Queryable,
  references: readonly DocumentReference[],
): Promise<((reference: DocumentReference) => string) | null> {
  if (references.length === 0) return unknown;
  const found = await rows<{ sha256: string; content: string }>(
    tx,
    'SELECT sha256, content FROM environments.documents WHERE sha256 = ANY($1)',
    [references.map(({ sha256 }) => sha256)],
  );
  const texts = new Map(found.map((row) => [row.sha256, row.content]));
  if (references.some(({ sha256 }) => !texts.has(sha256))) return null;
  return (reference) => texts.get(reference.sha256) ?? unknown(reference);
}

function unknown({ sha256 }: DocumentReference): never {
  throw new Error(`The document ${sha256} was not loaded.`);
}
