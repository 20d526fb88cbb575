/** Column types that many tables share, so that none of them drifts. */
import { Column, PrimaryColumn } from 'typeorm';
import type { ColumnOptions } from 'typeorm';

/** UUIDv7 made by the application; `constraint` names the primary key. */
export function IdColumn(constraint: string): PropertyDecorator {
  return PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: constraint });
}

export function TimeColumn(options: ColumnOptions = {}): PropertyDecorator {
  return Column({ type: 'timestamptz', precision: 3, ...options });
}

export function NowColumn(): PropertyDecorator {
  return TimeColumn({ default: () => 'now()' });
}

/** A bigint that fits a JavaScript number: counters and byte sizes stay below 2^53. */
export function CounterColumn(options: ColumnOptions = {}): PropertyDecorator {
  return Column({ type: 'bigint', transformer: counter, ...options });
}

export const counter = {
  to: (value: number | null | undefined): number | null | undefined => value,
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
};

export function JsonColumn(options: ColumnOptions = {}): PropertyDecorator {
  return Column({ type: 'jsonb', ...options });
}
