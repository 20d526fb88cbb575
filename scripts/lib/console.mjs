/** An error whose message is written for the person who typed the command; it is shown without a stack. */
export class Sentence extends Error {
  name = 'Sentence';
}

/** One line of progress. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Ends the command with its one sentence. */
export function fail(error) {
  const text = error instanceof Sentence ? error.message : (error?.stack ?? String(error));
  process.stderr.write(`\n${text}\n`);
}

/** A reader that went away (a closed pipe, a killed npm) must not end us before the services are stopped. */
export function ignoreBrokenPipes() {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
