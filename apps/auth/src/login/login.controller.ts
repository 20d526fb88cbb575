import type { Actor } from '@darb/service-kit';
import { ClientAddress, CurrentActor, Public, RequirePermission } from '@darb/service-kit';
import { Body, Controller, Get, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CreateUserDto } from '../users/user.dto.js';
import { AccountService } from './account.service.js';
import { LoginDto, MeDto, PasswordDto, RefreshDto, TokensDto } from './login.dto.js';
import { LoginService } from './login.service.js';

@ApiTags('Auth')
@Controller('auth')
export class LoginController {
  constructor(
    private readonly logins: LoginService,
    private readonly accounts: AccountService,
  ) {}

  /** Sign in with a password. Too many wrong ones answer 429 with Retry-After. */
  @Public()
  @Post('login')
  @HttpCode(200)
  login(
    @Body() body: LoginDto,
    @ClientAddress() address: string,
    @Headers('user-agent') userAgent?: string,
  ): Promise<TokensDto> {
    return this.logins.login(body, { address, userAgent: userAgent ?? null });
  }

  /** The next token. A refresh token works once; a repeat within 30 s answers the same, a later one ends the session. */
  @Public()
  @Post('refresh')
  @HttpCode(200)
  refresh(@Body() body: RefreshDto, @ClientAddress() address: string): Promise<TokensDto> {
    return this.logins.refresh(body.refresh_token, address);
  }

  /** Make an account. The first one becomes the admin; later ones need DARB_AUTH_REGISTRATION=true. */
  @Public()
  @Post('register')
  register(
    @Body() body: CreateUserDto,
    @ClientAddress() address: string,
    @Headers('user-agent') userAgent?: string,
  ): Promise<TokensDto> {
    return this.accounts.register(body, { address, userAgent: userAgent ?? null });
  }

  /** End this session: its tokens stop within a second. */
  @RequirePermission('self')
  @Post('logout')
  @HttpCode(204)
  logout(@CurrentActor() actor: Actor, @ClientAddress() address: string): Promise<void> {
    return this.logins.logout(actor, address);
  }

  /** Who the caller is. */
  @RequirePermission('self')
  @Get('me')
  me(@CurrentActor() actor: Actor): Promise<MeDto> {
    return this.accounts.me(actor);
  }

  /** Change one's own password; every other session of the user ends. */
  @RequirePermission('self')
  @Post('password')
  @HttpCode(204)
  password(
    @Body() body: PasswordDto,
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
  ): Promise<void> {
    return this.accounts.changePassword(actor, body, address);
  }
}
