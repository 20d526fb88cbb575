/** What checks of text from people answer. Pure: nothing here spawns, reads or writes. */

export type InputErrorCode =
  | 'spec_invalid'
  | 'spec_not_allowed'
  | 'manifest_invalid'
  | 'manifest_not_allowed'
  | 'lockfile_invalid'
  | 'lockfile_not_allowed'
  | 'name_invalid'
  | 'python_invalid';

/** One fault in one field. `message` says what is wrong and what to write instead. */
export interface InputError {
  code: InputErrorCode;
  message: string;
  /** For lists: which element. */
  index: number | null;
  /** Offset of the first wrong character in the text, where that makes sense. */
  position: number | null;
  /** For manifests and lockfiles: dotted path of the field, for example `tool.uv.sources`. */
  field: string | null;
}

export type Checked<T> = ({ ok: true } & T) | { ok: false; errors: InputError[] };

/** A spec that may be given to a tool after `--`. */
export interface ParsedSpec {
  /** As typed, trimmed. */
  raw: string;
  /** Normalised: lower case; for uv also runs of `-_.` as one `-`. */
  name: string;
  extras: string[];
  /** Version part as typed, for example `>=1,<2`; empty when any will do. */
  version: string;
  /** pixi: build string or pattern. */
  build: string | null;
  /** uv: environment marker as typed. */
  marker: string | null;
}
