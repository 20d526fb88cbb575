import { IsIP, IsOptional, IsString, MaxLength } from 'class-validator';
import { LoginDto } from '../login/login.dto.js';
import type { UserDto } from '../users/user.dto.js';

/** Body of POST /internal/sessions: the browser's credentials, its address and its user agent as the dashboard saw them. */
export class CreateSessionDto extends LoginDto {
  @IsOptional()
  @IsIP()
  address?: string;

  @IsOptional()
  @IsString()
  @MaxLength(1000)
  user_agent?: string;
}

export interface BrowserSession {
  /** The secret for the cookie; only its hash is kept. */
  session_id: string;
  user: UserDto;
  expires_at: string;
}

export interface SessionToken {
  token: string;
  expires_in: number;
  user: UserDto;
}
