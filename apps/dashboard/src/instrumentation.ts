/** Runs once when the server starts: a bad value stops it here with a sentence, not at the first click. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] === 'nodejs') (await import('./server/check-start')).checkStart();
}
