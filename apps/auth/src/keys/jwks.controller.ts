import { Public } from '@darb/service-kit';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { JwksDto } from './jwks.dto.js';
import { SigningKeys } from './signing-keys.service.js';

@ApiTags('Auth')
@Controller('auth')
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  /** The public keys of this Darb's access tokens. */
  @Public()
  @Get('jwks')
  @Header('cache-control', 'public, max-age=60')
  jwks(): Promise<JwksDto> {
    return this.keys.jwks();
  }
}
