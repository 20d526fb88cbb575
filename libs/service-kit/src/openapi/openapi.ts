import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { problemSchema } from './problem.schema.js';
import { toOpenApi31 } from './to-openapi-31.js';
import type { ServiceInfo } from '../boot/service-info.js';

type Json = Record<string, unknown>;

/** The service's OpenAPI 3.1 document: every operation with its problem answer, nothing that depends on the machine. */
export function createOpenApiDocument(app: INestApplication, service: ServiceInfo): Json {
  const info = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(`Darb ${service.name}`)
    .setVersion(service.version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = SwaggerModule.createDocument(app, info, {
    autoTagControllers: true,
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  }) as unknown as Json;
  return addProblems(toOpenApi31(document) as Json);
}

function addProblems(document: Json): Json {
  const components = (document['components'] ??= {}) as Json;
  components['schemas'] = { ...(components['schemas'] as Json), Problem: problemSchema };
  const answer = {
    description: 'Anything else is a problem (RFC 9457) with a stable code.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  for (const path of Object.values(document['paths'] as Record<string, Record<string, Json>>)) {
    for (const operation of Object.values(path)) {
      operation['responses'] = { ...(operation['responses'] as Json), default: answer };
    }
  }
  return document;
}
