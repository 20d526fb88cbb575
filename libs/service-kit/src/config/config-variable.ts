import 'reflect-metadata';
import { getMetadataStorage, IsOptional } from 'class-validator';

export interface ConfigVariableOptions<T = unknown> {
  /** The environment variable, `DARB_…`. */
  name: string;
  /** One sentence for the generated table. */
  description: string;
  /** Without a default the variable is required, unless it is `optional`. */
  default?: T;
  /** How the table shows the default, where it differs from machine to machine. */
  defaultText?: string;
  optional?: boolean;
  /** Never printed: not in errors, not in logs. */
  secret?: boolean;
  /** Text to value; by default chosen from the field's type (string, number, boolean, comma-separated list). */
  parse?: (text: string) => T;
}

export interface ConfigField extends ConfigVariableOptions {
  property: string;
  type: 'string' | 'number' | 'boolean' | 'list';
}

type Constructor<T = object> = new () => T;
type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

const FIELDS = Symbol('darb:config-fields');
const GROUPS = Symbol('darb:config-groups');
const TYPES = new Map<unknown, ConfigField['type']>([
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Array, 'list'],
]);

/** Says which environment variable fills a field. class-validator decorators beside it check the value. */
export function ConfigVariable(options: ConfigVariableOptions): PropertyDecorator {
  return (target, key) => {
    const property = String(key);
    const type = TYPES.get(Reflect.getMetadata('design:type', target, key)) ?? 'string';
    const fields = new Map(fieldsOf(target.constructor));
    fields.set(property, { ...options, property, type });
    Reflect.defineMetadata(FIELDS, fields, target.constructor);
    if (options.optional) IsOptional()(target, key);
  };
}

/** Gives a service its own default for a field of a shared group. */
export function ConfigDefault(property: string, value: unknown): ClassDecorator {
  return (target) => {
    const fields = new Map(fieldsOf(target));
    const field = fields.get(property);
    if (!field) throw new Error(`${target.name} has no field "${property}" to give a default.`);
    fields.set(property, { ...field, default: value });
    Reflect.defineMetadata(FIELDS, fields, target);
  };
}

/** One class with the fields and checks of several groups: `class JobsConfig extends configGroups(ServerConfig, …)`. */
export function configGroups<T extends Constructor[]>(
  ...groups: T
): Constructor<Intersection<InstanceType<T[number]>>> {
  class CombinedConfig {}
  const storage = getMetadataStorage();
  const fields = new Map<string, ConfigField>();
  for (const group of groups) {
    for (const [property, field] of fieldsOf(group)) fields.set(property, field);
    // class-validator inherits by prototype only, so the checks of each group are registered again for this class.
    for (const check of storage.getTargetValidationMetadatas(group, '', false, false)) {
      storage.addValidationMetadata({ ...check, target: CombinedConfig });
    }
  }
  Reflect.defineMetadata(FIELDS, fields, CombinedConfig);
  Reflect.defineMetadata(GROUPS, groups, CombinedConfig);
  return CombinedConfig as unknown as Constructor<Intersection<InstanceType<T[number]>>>;
}

/** The groups that a config class was built from; each is also an injection token for the same object. */
export function groupsOf(configClass: Constructor): Constructor[] {
  return (Reflect.getMetadata(GROUPS, configClass) as Constructor[] | undefined) ?? [];
}

/** Every variable of a config class, in declaration order, for the generated table and for tests. */
export function describeConfig(configClass: Constructor): ConfigField[] {
  return [...fieldsOf(configClass).values()];
}

function fieldsOf(configClass: object): Map<string, ConfigField> {
  return (Reflect.getMetadata(FIELDS, configClass) as Map<string, ConfigField> | undefined) ?? new Map();
}
