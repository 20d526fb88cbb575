import type { InstanceRole } from '@darb/models';
import { INSTANCE_ROLES } from '@darb/models';
import { PageQuery } from '@darb/service-kit';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsBoolean,
  IsEmail,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import {
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  USERNAME_MESSAGE,
  USERNAME_PATTERN,
} from './user-rules.js';

/** Names are compared and kept in lower case. */
const LowerCase = () =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value));

/** Somebody who can sign in. */
export class UserDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  username: string;
  @ApiProperty({ type: String, nullable: true })
  email: string | null;
  /** What the user may do in this Darb as a whole; an admin may do everything everywhere. */
  @ApiProperty({ enum: INSTANCE_ROLES, enumName: 'InstanceRole' })
  role: InstanceRole;
  /** A disabled user can't sign in, and open sessions stop within a second. */
  disabled: boolean;
  @ApiProperty({ format: 'date-time' })
  created_at: string;
}

export class CreateUserDto {
  /** What the user signs in with; kept in lower case. */
  @LowerCase()
  @IsString()
  @Matches(USERNAME_PATTERN, { message: USERNAME_MESSAGE })
  username: string;

  @ApiProperty({ type: String, format: 'email', nullable: true, required: false })
  @IsOptional()
  @IsEmail()
  @MaxLength(254)
  email?: string | null;

  @IsString()
  @MinLength(PASSWORD_MIN_LENGTH)
  @MaxLength(PASSWORD_MAX_LENGTH)
  password: string;
}

export class UpdateUserDto {
  @ApiProperty({ enum: INSTANCE_ROLES, enumName: 'InstanceRole', required: false })
  @IsOptional()
  @IsIn(INSTANCE_ROLES)
  role?: InstanceRole;

  @IsOptional()
  @IsBoolean()
  disabled?: boolean;
}

export class UserPage {
  items: UserDto[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

export class UsersQuery extends PageQuery {}
