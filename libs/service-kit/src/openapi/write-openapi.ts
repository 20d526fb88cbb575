import type { ServiceOptions } from '../boot/service-app.js';
import { createPreviewApp } from '../boot/service-app.js';
import { ServiceInfo } from '../boot/service-info.js';
import { createOpenApiDocument } from './openapi.js';

/** Prints the service's document on stdout. Nothing is connected to: Nest only looks at the decorators. */
export async function writeOpenApi(options: ServiceOptions): Promise<void> {
  const app = await createPreviewApp(options);
  const document = createOpenApiDocument(app, new ServiceInfo(options.service));
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
