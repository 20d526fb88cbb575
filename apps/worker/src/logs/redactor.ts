const HIDDEN = '***';
/** Userinfo of a URL. The path may hold an `@` of its own, so the match stops at the first slash. */
const URL_USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^/\s@"'<>]+@/gi;
/** Conda channels carry a token in the path. */
const CHANNEL_TOKEN = /\/t\/[^/\s"'<>]+(?=\/|\s|$|["'<>])/g;
/** A shorter secret would blank ordinary words; the check at the request wants longer ones anyway. */
const MIN_SECRET_LENGTH = 4;

/** Takes credentials out of text before anyone may read it. */
export class Redactor {
  private readonly secrets: Set<string> = new Set();

  constructor(secrets: Iterable<string> = []) {
    this.add(secrets);
  }

  /** Each secret is hidden as given and as it reads inside a URL. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      if (secret.length < MIN_SECRET_LENGTH) continue;
      this.secrets.add(secret);
      this.secrets.add(encodeURIComponent(secret));
    }
  }

  redact(text: string): string {
    let clean = text;
    if (clean.includes('://')) clean = clean.replace(URL_USERINFO, `$1${HIDDEN}@`);
    if (clean.includes('/t/')) clean = clean.replace(CHANNEL_TOKEN, `/t/${HIDDEN}`);
    for (const secret of this.secrets) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN);
    }
    return clean;
  }
}
