import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiDocument } from './api-document.js';
import { DOCS_HEADERS, DOCS_PAGE, DOCS_SCRIPT, DOCS_STYLE } from './page.js';

@Controller('docs')
export class DocsController {
  constructor(@Inject(ApiDocument) private readonly document: ApiDocument) {}

  @Get()
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers(DOCS_HEADERS);
    return DOCS_PAGE;
  }

  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return DOCS_STYLE;
  }

  @Get('page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return DOCS_SCRIPT;
  }

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  @Header('cache-control', 'no-cache')
  openapi(): string {
    return this.document.text;
  }
}
