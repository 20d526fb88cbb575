/** Keeps the first or the last `limit` bytes of an output, for the adapter to read. */
export class OutputCapture {
  private chunks: Buffer[] = [];
  private bytes = 0;

  constructor(
    private readonly limit: number,
    private readonly keep: 'head' | 'tail',
  ) {}

  push(chunk: Buffer): void {
    if (this.keep === 'head') {
      const room = this.limit - this.bytes;
      if (room <= 0) return;
      this.chunks.push(chunk.subarray(0, room));
      this.bytes += Math.min(chunk.length, room);
      return;
    }
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    while (this.bytes - this.chunks[0]!.length >= this.limit) this.bytes -= this.chunks.shift()!.length;
  }

  text(): string {
    const all = Buffer.concat(this.chunks);
    return (this.keep === 'tail' ? all.subarray(-this.limit) : all).toString();
  }
}
