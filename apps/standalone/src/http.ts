import { get as httpGet } from 'node:http';

const TIMEOUT_MS = 5_000;

/** A small GET. Not fetch: that would load a client of several megabytes into a process that runs for months. */
export function get(url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpGet(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
  });
}

export async function isOk(url: string): Promise<boolean> {
  return (await get(url)).status === 200;
}
