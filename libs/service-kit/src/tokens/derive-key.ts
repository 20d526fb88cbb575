import { hkdfSync } from 'node:crypto';

export const SERVICE_PURPOSE = 'service';
export const WORKER_PURPOSE = 'worker';

/** A 32 byte key for one purpose: HKDF-SHA256, empty salt, info `darb:<purpose>`. One purpose's key tells nothing of another's. */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `darb:${purpose}`, 32));
}
