'use client';

import type { PackageManagerType } from '@darb/models';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '../ui/select';

/** Asks for no version: the newest one that there is. */
export const NEWEST = 'newest';

interface PythonSelectProps {
  /** What workers have, newest first; pixi reports none, because it installs any. */
  versions: readonly string[];
  manager: PackageManagerType | null;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
}

export function PythonSelect({ versions, manager, value, onChange, error }: PythonSelectProps) {
  if (manager === 'pixi' && versions.length === 0) {
    return (
      <Field label="Python" hint="A version such as 3.12; empty takes the newest." error={error}>
        {(ids) => (
          <Input
            {...ids}
            value={value === NEWEST ? '' : value}
            onChange={(event) => onChange(event.target.value.trim() || NEWEST)}
            placeholder="newest"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
    );
  }
  const newest = versions[0];
  return (
    <Field label="Python" error={error}>
      {(ids) => (
        <Select value={versions.includes(value) ? value : NEWEST} onValueChange={onChange}>
          <SelectTrigger {...ids}>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            <SelectItem value={NEWEST}>{newest ? `Newest (${newest})` : 'Newest'}</SelectItem>
            {versions.map((version) => (
              <SelectItem key={version} value={version}>
                {version}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      )}
    </Field>
  );
}
