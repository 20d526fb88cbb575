import { IsString, MaxLength, MinLength } from 'class-validator';
import { OrganizationDto } from '../organizations/organization.dto.js';
import { UserDto } from '../users/user.dto.js';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH, USERNAME_INPUT_MAX_LENGTH } from '../users/user-rules.js';

export class LoginDto {
  @IsString()
  @MaxLength(USERNAME_INPUT_MAX_LENGTH)
  username: string;

  @IsString()
  @MaxLength(PASSWORD_MAX_LENGTH)
  password: string;
}

export class RefreshDto {
  /** From the last answer of login or refresh; each works once. */
  @IsString()
  @MaxLength(500)
  refresh_token: string;
}

export class PasswordDto {
  @IsString()
  @MaxLength(PASSWORD_MAX_LENGTH)
  current_password: string;

  @IsString()
  @MinLength(PASSWORD_MIN_LENGTH)
  @MaxLength(PASSWORD_MAX_LENGTH)
  new_password: string;
}

export class TokensDto {
  /** Send it as `Authorization: Bearer`. */
  token: string;
  /** Gets the next token from /auth/refresh. */
  refresh_token: string;
  /** Seconds until `token` expires. */
  expires_in: number;
  user: UserDto;
}

/** The caller, and where they may do what. */
export class MeDto extends UserDto {
  organizations: OrganizationDto[];
}
