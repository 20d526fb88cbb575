import type { PipeTransform } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { validate } from 'uuid';
import { notFound } from './problem.js';

/** `@Param('id', IdPipe)`: what is no id can't be the id of anything, so it is a 404 and never reaches the database. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!validate(value)) throw notFound('resource');
    return value.toLowerCase();
  }
}
