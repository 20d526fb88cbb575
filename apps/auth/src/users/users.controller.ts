import type { Actor, IdempotentRequest } from '@darb/service-kit';
import {
  ClientAddress,
  CurrentActor,
  Idempotent,
  IdPipe,
  RequirePermission,
  sendAnswer,
} from '@darb/service-kit';
import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CreateUserDto, UpdateUserDto, UserDto, UserPage, UsersQuery } from './user.dto.js';
import { UsersService } from './users.service.js';

@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** All users, oldest first. Admins only. */
  @RequirePermission('users:read')
  @Get()
  list(@Query() query: UsersQuery): Promise<UserPage> {
    return this.users.list(query);
  }

  /** Make a user with a personal organization. Admins only. */
  @RequirePermission('users:write')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Makes a repeat answer the same.' })
  @Post()
  async create(
    @Body() body: CreateUserDto,
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
    @Idempotent() idempotent: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    return sendAnswer(reply, await this.users.create(body, { actor, address, idempotent }));
  }

  /** One user: anyone for an admin, oneself for everybody else. */
  @RequirePermission('self')
  @Get(':id')
  get(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor): Promise<UserDto> {
    return this.users.get(actor, id);
  }

  /** Change a user's role, or disable them. Admins only; one admin has to remain. */
  @RequirePermission('users:write')
  @Patch(':id')
  update(
    @Param('id', IdPipe) id: string,
    @Body() body: UpdateUserDto,
    @CurrentActor() actor: Actor,
    @ClientAddress() address: string,
  ): Promise<UserDto> {
    return this.users.update(id, body, { actor, address });
  }
}
