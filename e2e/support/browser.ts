/** A real browser, signed in as the administrator. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { PASSWORD, URL_OF_DARB } from './darb.js';

/** Set by `npm test`, which looks for a browser and says so when there is none. */
export const EXECUTABLE = process.env.TEST_CHROMIUM;
export const PATIENCE_MS = 60_000;

const PICTURES = join(import.meta.dirname, '../../test-results/browser');

export class SignedInBrowser {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    /** Errors of pages, and requests to other hosts. */
    readonly problems: string[],
  ) {}

  static async open(): Promise<SignedInBrowser> {
    mkdirSync(PICTURES, { recursive: true });
    const browser = await chromium.launch({
      ...(EXECUTABLE ? { executablePath: EXECUTABLE } : {}),
      // Chromium refuses its own sandbox to root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(URL_OF_DARB) && !/^(data|blob):/.test(url)) problems.push(url);
    });
    const opened = new SignedInBrowser(browser, page, problems);
    await opened.signIn();
    return opened;
  }

  private async signIn(): Promise<void> {
    await this.page.goto(`${URL_OF_DARB}/login`);
    await this.page.getByLabel('Username').fill('admin');
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.waitForURL('**/environments');
  }

  goto(path: string) {
    return this.page.goto(`${URL_OF_DARB}${path}`);
  }

  picture(title: string) {
    return this.page.screenshot({ path: join(PICTURES, `${title}.png`) });
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
