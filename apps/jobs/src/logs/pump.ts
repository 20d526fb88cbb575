/**
 * Takes one item at a time out of an async source in the background, so that its reader can look at other things
 * too. The source is asked for the next item only when this one was taken.
 */
export class Pump<T> {
  private item: T | null = null;
  private release: (() => void) | null = null;
  private isClosed = false;

  constructor(source: AsyncIterable<T>, onItem: () => void) {
    // The source ends by its own signal; what it throws means only that nothing more comes from it.
    void this.run(source, onItem).catch(() => undefined);
  }

  get hasItem(): boolean {
    return this.item !== null;
  }

  take(): T | null {
    const item = this.item;
    this.item = null;
    this.release?.();
    return item;
  }

  close(): void {
    this.isClosed = true;
    this.release?.();
  }

  private async run(source: AsyncIterable<T>, onItem: () => void): Promise<void> {
    for await (const item of source) {
      if (this.isClosed) return;
      this.item = item;
      onItem();
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
      this.release = null;
    }
  }
}
