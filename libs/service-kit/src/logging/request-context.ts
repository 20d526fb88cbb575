import { AsyncLocalStorage } from 'node:async_hooks';

interface RequestContext {
  requestId: string;
  /** Flat keys for the one wide event of this request. */
  fields: Record<string, unknown>;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInRequest<T>(requestId: string, work: () => T): T {
  return storage.run({ requestId, fields: {} }, work);
}

export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId;
}

/** Adds ids (never payloads or secrets) to the access log's line of the current request. */
export function addLogFields(fields: Record<string, unknown>): void {
  const context = storage.getStore();
  if (context) Object.assign(context.fields, fields);
}

export function requestLogFields(): Record<string, unknown> {
  return storage.getStore()?.fields ?? {};
}
