import type { User } from '@darb/models/entities';
import type { UserDto } from './user.dto.js';

/** The only builder of the API's user: what is not named here (the password's hash) can't get out. */
export function toUser(user: User): UserDto {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    role: user.role,
    disabled: user.disabled,
    created_at: user.created_at.toISOString(),
  };
}
