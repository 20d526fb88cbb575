const REPEAT_MS = 3_000;

/**
 * Ends Darb once: npm and the terminal both hand on a Ctrl-C, so the same signal within 3 s is the same wish.
 * A Ctrl-C after that is another one: at once.
 */
export function onStopRequest(stop: (reason: string) => void, force: () => void): void {
  let since: number | undefined;
  const ask = (reason: string, mayForce: boolean) => {
    if (since === undefined) {
      since = Date.now();
      stop(reason);
    } else if (mayForce && Date.now() - since > REPEAT_MS) {
      force();
    }
  };
  process.on('SIGINT', () => ask('Ctrl-C', true));
  process.on('SIGTERM', () => ask('SIGTERM', false));
  process.on('SIGHUP', () => ask('SIGHUP', false));
  // The channel to whoever started us (npm start, a test): when that is gone, we go too.
  process.on('disconnect', () => ask('the end of the process that started it', false));
  process.channel?.unref();
}
