/** What a name and a password may be, in one place for the API and for the settings. */
export const USERNAME_PATTERN = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const USERNAME_MESSAGE =
  'must be 1 to 63 characters: letters, digits, dots, dashes and underscores, with a letter or digit first';
export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 1024;
/** More than any valid name, so that a sign-in with an invalid one is refused like any unknown one. */
export const USERNAME_INPUT_MAX_LENGTH = 256;
