import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@darb/testing';
import { EXECUTABLE, SignedInBrowser } from '../support/browser.js';
import { index, Person, uniqueName } from '../support/darb.js';
import type { Json } from '../support/darb.js';

const SLOW = 'slow-download-8';

describe.skipIf(!EXECUTABLE)('jobs in a browser (skipped without a Chromium)', () => {
  let admin: Person;
  let browser: SignedInBrowser;
  let environment: Json;
  let finished: Json;

  beforeAll(async () => {
    admin = await Person.signIn();
    environment = await admin.environment(uniqueName('pages'), { packages: ['alpha'] });
    finished = await admin.add(environment.id, 'chain-05');
    browser = await SignedInBrowser.open();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await browser.picture(`failed-${task.id}`);
  });
  afterAll(async () => {
    await index.throttle(SLOW, null);
    await browser?.close();
  });

  it('are filtered by their address, also after a job was opened and left again', async () => {
    const { page } = browser;
    await browser.goto(`/jobs?environment=${environment.id}`);
    const rows = page.getByRole('row').filter({ hasText: environment.name });
    await rows.filter({ hasText: 'chain-05' }).waitFor();
    expect(await rows.count()).toBe(2);

    await page.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: 'Create', exact: true }).click();
    await page.waitForURL(/type=create/);
    await rows.filter({ hasText: 'chain-05' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Completed' }).click();
    await page.waitForURL(/status=completed/);
    const address = page.url();

    await rows.getByRole('link', { name: /Create with/ }).click();
    await page.waitForURL('**/jobs/*');
    await page.getByRole('log').waitFor();
    await page.goBack();
    await page.waitForURL(address);
    await rows.getByRole('link', { name: /Create with/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Completed' }).getAttribute('aria-pressed')).toBe('true');
    expect(await rows.count()).toBe(1);

    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL((url) => url.search === '');
  });

  it('have a log in which one searches, and whose lines have addresses', async () => {
    const { page } = browser;
    await browser.goto(`/jobs/${finished.id}`);
    const log = page.getByRole('log');
    await log
      .getByText(/revision 2/)
      .first()
      .waitFor();
    const search = page.getByRole('textbox', { name: 'Search in the log' });
    await search.fill('chain-05');
    await page.getByText(/^1 of \d+$/).waitFor();
    await search.press('Enter');
    await page.getByText(/^2 of \d+$/).waitFor();
    // The keyboard goes back to the log, not to nowhere.
    await search.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('log');

    await log.getByRole('button', { name: 'Copy a link to line 2', exact: true }).click();
    await page.waitForURL(/#L2$/);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
    await page.reload();
    await log.locator('[aria-current=true]').filter({ hasText: /^2/ }).waitFor();
  });

  it('wait in a stack on the page of their environment, where they can be cancelled', async () => {
    const { page } = browser;
    await index.throttle(SLOW, 0);
    const running = await admin.post(`/environments/${environment.id}/packages`, { packages: [SLOW] });
    const waiting = await admin.post(`/environments/${environment.id}/packages`, { packages: ['licensed'] });
    await browser.goto(`/environments/${environment.id}`);
    const stack = page.getByRole('region', { name: 'Changes under way' });
    await stack.getByRole('region', { name: 'Running job' }).getByText(SLOW).waitFor();
    const entry = stack.getByRole('listitem').filter({ hasText: 'licensed' });
    await entry.getByText(/Waiting for an earlier change to finish/).waitFor();
    await entry.getByRole('button', { name: 'Cancel Add licensed' }).click();
    await entry.waitFor({ state: 'detached' });
    expect(await admin.finished(waiting.body.id)).toMatchObject({ status: 'cancelled', started_at: null });
    // The one before it was left alone.
    expect((await admin.get(`/jobs/${running.body.id}`)).body.status).toBe('running');
    await index.throttle(SLOW, null);
    await admin.finished(running.body.id);
    await stack.waitFor({ state: 'detached' });
  });

  it('are not requested by a dialog that was closed while offline', async () => {
    const { page } = browser;
    await browser.goto(`/environments/${environment.id}`);
    await page.getByRole('complementary').getByText('Live', { exact: true }).waitFor();
    const before = (await admin.get(`/jobs?environment_id=${environment.id}`)).body.items.length;
    await page.context().setOffline(true);
    await page
      .getByText(/Darb cannot be reached/)
      .first()
      .waitFor({ timeout: 5_000 });
    await page.keyboard.press('a');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Packages').fill('beta');
    await page.keyboard.press('Control+Enter');
    await dialog
      .getByText(/cannot be reached/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.context().setOffline(false);
    await page.getByRole('complementary').getByText('Live', { exact: true }).waitFor();
    await waitFor(async () => (await page.getByText(/Darb cannot be reached/).count()) === 0);
    const after = (await admin.get(`/jobs?environment_id=${environment.id}`)).body.items.length;
    expect(after).toBe(before);
  });

  it('show their queue and the workers', async () => {
    const { page } = browser;
    await browser.goto('/workers');
    await page.getByRole('heading', { name: 'Queue and workers' }).waitFor();
    const worker = page.getByRole('listitem').filter({ hasText: 'Slots in use' });
    await worker.getByText('Live').first().waitFor();
    await worker.getByText('uv', { exact: true }).first().waitFor();
  });

  it('met no error on any page', () => {
    expect(browser.problems).toEqual([]);
  });
});
