import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { index, PASSWORD, uniqueName, URL_OF_DARB } from '../support/darb.js';

const PICTURES = join(import.meta.dirname, '../../test-results/browser');
/** Set by `npm test`, which looks for a browser and says so when there is none. */
const EXECUTABLE = process.env.TEST_CHROMIUM;
const PATIENCE_MS = 60_000;

describe.skipIf(!EXECUTABLE)('a person with a browser (skipped without a Chromium)', () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  const name = uniqueName('browser');

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await chromium.launch({
      ...(EXECUTABLE ? { executablePath: EXECUTABLE } : {}),
      // Chromium refuses its own sandbox to root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(URL_OF_DARB) && !request.url().startsWith('data:'))
        problems.push(request.url());
    });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await picture(`failed-${task.id}`);
  });
  afterAll(async () => {
    await index.throttle('slow-download-9', null);
    await browser?.close();
  });

  const picture = (title: string) => page.screenshot({ path: join(PICTURES, `${title}.png`) });

  it('is led to the sign-in, and is told when the password is wrong', async () => {
    await page.goto(`${URL_OF_DARB}/environments`);
    await page.waitForURL('**/login**');
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
    await picture('sign-in');
  });

  it('signs in', async () => {
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/environments');
    await page.getByRole('heading', { name: 'Environments' }).waitFor();
    const cookies = await page.context().cookies();
    const session = cookies.find((cookie) => cookie.name.startsWith('darb_session'));
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(await page.evaluate(() => Object.keys(globalThis.localStorage).join())).not.toMatch(/token/i);
  });

  it('creates an environment and is shown its job', async () => {
    // Held back, so that there is time to look at the log.
    await index.throttle('slow-download-9', 0);
    await page
      .getByRole('button', { name: /New environment/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    const packages = dialog.getByLabel(/Packages/);
    for (const spec of ['beta', 'slow-download-9']) {
      await packages.fill(spec);
      await packages.press('Enter');
    }
    await picture('create');
    await dialog.getByRole('button', { name: /^Create/ }).click();
    await page.waitForURL(/\/environments\/[0-9a-f-]{36}/);
    await page.getByRole('heading', { name }).waitFor();
    await page.getByRole('region', { name: 'Running job' }).waitFor();
  });

  it('watches the log grow, without touching anything', async () => {
    const environmentPage = page.url();
    await page.getByRole('link', { name: 'Watch the log' }).click();
    await page.waitForURL('**/jobs/**');
    const log = page.getByRole('log');
    await log.getByText(/Downloading slow-download-9/).waitFor();
    await index.throttle('slow-download-9', null);
    await log.getByText(/revision 1/).waitFor();
    await page.getByText('Completed').first().waitFor();
    await picture('log');
    await page.goto(environmentPage);
  });

  it('sees the packages', async () => {
    await page.getByText('Ready').first().waitFor();
    for (const cell of ['alpha', 'beta', 'slow-download-9']) {
      await page.getByText(cell, { exact: true }).first().waitFor();
    }
    await picture('environment');
  });

  it('sees a change that somebody else makes, by itself', async () => {
    const login = await fetch(`${URL_OF_DARB}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    const { token } = (await login.json()) as { token: string };
    const id = page.url().split('/').at(-1)?.split('?')[0];
    await fetch(`${URL_OF_DARB}/api/v1/environments/${id}/packages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ packages: ['licensed'] }),
    });
    await page.getByText('licensed', { exact: true }).first().waitFor();
  });

  it('met no error on any page, and no page asked another host for anything', () => {
    expect(problems).toEqual([]);
  });
});
