/** Progress of a tool that prints none into a pipe: its results are counted while it works. */

const INTERVAL_MS = 250;

/** Counts now and then and reports each change; the returned function stops it. A failing count is skipped. */
export function watchCount(count: () => Promise<number>, onCount: (done: number) => void): () => void {
  let last = -1;
  let isCounting = false;
  let isStopped = false;
  const report = async (): Promise<void> => {
    const done = await count();
    if (done === last || isStopped) return;
    last = done;
    onCount(done);
  };
  const timer = setInterval(() => {
    if (isCounting) return;
    isCounting = true;
    void report()
      .catch(() => undefined)
      .finally(() => {
        isCounting = false;
      });
  }, INTERVAL_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
