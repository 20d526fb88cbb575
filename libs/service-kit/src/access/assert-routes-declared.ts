import { METHOD_METADATA } from '@nestjs/common/constants.js';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import type { Access } from './decorators.js';
import { ACCESS } from './decorators.js';

/** Refuses to start with a route that says nothing about who may call it, or that nothing would guard. */
export function assertRoutesDeclared(app: INestApplicationContext): void {
  const modules = [...app.get(ModulesContainer).values()];
  const isGuarded = modules.some((module) =>
    [...module.providers.values()].some(({ metatype }) => metatype === AccessGuard),
  );
  const problems = modules
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => (metatype ? routeProblems(metatype, isGuarded) : []));
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function routeProblems(
  controller: { name: string; prototype: object } | { name: string },
  isGuarded: boolean,
) {
  const prototype = (controller as { prototype: object }).prototype;
  return Object.getOwnPropertyNames(prototype)
    .map(
      (name) =>
        [name, Object.getOwnPropertyDescriptor(prototype, name)?.value as object | undefined] as const,
    )
    .filter(([, handler]) => typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler))
    .flatMap(([name, handler]) => {
      const access = (Reflect.getMetadata(ACCESS, handler as object) ??
        Reflect.getMetadata(ACCESS, controller)) as Access | undefined;
      const route = `${controller.name}.${name}`;
      if (!access) {
        return [`${route} declares nobody: add @Public(), @RequirePermission('…') or @Internal('…').`];
      }
      if (access.kind !== 'public' && !isGuarded) {
        return [`${route} needs a guard: import AccessModule.forRoot() in the service's module.`];
      }
      return [];
    });
}
