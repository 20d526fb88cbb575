import { ClientAddress, Internal } from '@darb/service-kit';
import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { CreateSessionDto } from './session.dto.js';
import type { BrowserSession, SessionToken } from './session.dto.js';
import { BrowserSessionsService } from './browser-sessions.service.js';

/** For the dashboard: it keeps a browser's session id in a cookie and exchanges it for tokens on its server side. */
@Internal('service')
@Controller('internal/sessions')
export class SessionsController {
  constructor(private readonly sessions: BrowserSessionsService) {}

  @Post()
  create(@Body() body: CreateSessionDto, @ClientAddress() caller: string): Promise<BrowserSession> {
    return this.sessions.create(body, {
      address: body.address ?? caller,
      userAgent: body.user_agent ?? null,
    });
  }

  @Post(':secret/token')
  @HttpCode(200)
  token(@Param('secret') secret: string): Promise<SessionToken> {
    return this.sessions.token(secret);
  }

  @Delete(':secret')
  @HttpCode(204)
  end(@Param('secret') secret: string): Promise<void> {
    return this.sessions.end(secret);
  }
}
