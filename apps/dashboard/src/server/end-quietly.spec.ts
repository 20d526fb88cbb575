import { describe, expect, it, vi } from 'vitest';
import { endQuietly } from './end-quietly';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('endQuietly', () => {
  it('passes everything on, and ends where the original breaks', async () => {
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const source = new ReadableStream<Uint8Array>({ start: (created) => void (controller = created) });
    const reader = endQuietly(source).getReader();
    controller.enqueue(bytes('a'));
    expect(await reader.read()).toEqual({ done: false, value: bytes('a') });
    controller.error(new Error('other side closed'));
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });

  it('tells the original when nobody reads any more', async () => {
    const cancel = vi.fn();
    await endQuietly(new ReadableStream<Uint8Array>({ cancel })).cancel('gone');
    expect(cancel).toHaveBeenCalledWith('gone');
  });
});
