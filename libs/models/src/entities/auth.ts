/** Tables of the auth service. */
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { InstanceRole, OrganizationRole } from '../words.js';
import { IdColumn, JsonColumn, NowColumn, TimeColumn } from './columns.js';

@Entity({ schema: 'auth', name: 'users' })
@Check('users_role_check', `role IN ('admin', 'user')`)
export class User {
  @IdColumn('users_pkey') id: string;
  /** Lower case; what a person signs in with. */
  @Index('users_username_key', { unique: true })
  @Column('text')
  username: string;
  @Column('text', { nullable: true }) email: string | null;
  /** argon2id, PHC string. */
  @Column('text') password_hash: string;
  @Column('text', { default: 'user' }) role: InstanceRole;
  @Column('boolean', { default: false }) disabled: boolean;
  @NowColumn() created_at: Date;
  @NowColumn() updated_at: Date;
}

@Entity({ schema: 'auth', name: 'organizations' })
export class Organization {
  @IdColumn('organizations_pkey') id: string;
  @Index('organizations_name_key', { unique: true })
  @Column('text')
  name: string;
  /** Set for a user's personal organization, null for a shared one. */
  @Index('organizations_personal_key', { unique: true, where: 'personal_user_id IS NOT NULL' })
  @ForeignKey('User', 'id', { name: 'organizations_personal_user_fkey' })
  @Column('uuid', { nullable: true })
  personal_user_id: string | null;
  @NowColumn() created_at: Date;
}

@Entity({ schema: 'auth', name: 'memberships' })
@Check('memberships_role_check', `role IN ('owner', 'admin', 'member', 'viewer')`)
export class Membership {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'memberships_pkey' })
  @ForeignKey('User', 'id', { name: 'memberships_user_fkey', onDelete: 'CASCADE' })
  user_id: string;
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'memberships_pkey' })
  @Index('memberships_organization_idx')
  @ForeignKey('Organization', 'id', { name: 'memberships_organization_fkey', onDelete: 'CASCADE' })
  organization_id: string;
  @Column('text') role: OrganizationRole;
  @NowColumn() created_at: Date;
}

/** One sign-in: of a browser (opaque secret in a cookie) or of an API client (refresh tokens). */
@Entity({ schema: 'auth', name: 'sessions' })
@Index('sessions_expires_idx', ['expires_at'])
@Index('sessions_revoked_idx', ['revoked_at'], { where: 'revoked_at IS NOT NULL' })
@Check('sessions_kind_check', `kind IN ('browser', 'api')`)
export class Session {
  @IdColumn('sessions_pkey') id: string;
  @Index('sessions_user_idx')
  @ForeignKey('User', 'id', { name: 'sessions_user_fkey', onDelete: 'CASCADE' })
  @Column('uuid')
  user_id: string;
  @Column('text') kind: 'browser' | 'api';
  /** browser: sha256 of the secret in the cookie. */
  @Index('sessions_secret_key', { unique: true, where: 'secret_hash IS NOT NULL' })
  @Column('bytea', { nullable: true })
  secret_hash: Buffer | null;
  @Column('text', { nullable: true }) address: string | null;
  @Column('text', { nullable: true }) user_agent: string | null;
  @NowColumn() created_at: Date;
  @NowColumn() last_seen_at: Date;
  @TimeColumn() expires_at: Date;
  @TimeColumn({ nullable: true }) revoked_at: Date | null;
}

@Entity({ schema: 'auth', name: 'refresh_tokens' })
@Index('refresh_tokens_expires_idx', ['expires_at'])
export class RefreshToken {
  @IdColumn('refresh_tokens_pkey') id: string;
  @Index('refresh_tokens_session_idx')
  @ForeignKey('Session', 'id', { name: 'refresh_tokens_session_fkey', onDelete: 'CASCADE' })
  @Column('uuid')
  session_id: string;
  @Column('bytea') token_hash: Buffer;
  @NowColumn() created_at: Date;
  @TimeColumn() expires_at: Date;
  @TimeColumn({ nullable: true }) used_at: Date | null;
  @Column('uuid', { nullable: true }) successor_id: string | null;
}

/** EdDSA key pairs; the private half is encrypted with a key derived from DARB_AUTH_JWT_SECRET. */
@Entity({ schema: 'auth', name: 'signing_keys' })
export class SigningKey {
  @IdColumn('signing_keys_pkey') id: string;
  @JsonColumn() public_jwk: Record<string, unknown>;
  @Column('bytea') private_key_encrypted: Buffer;
  @NowColumn() created_at: Date;
  @TimeColumn({ nullable: true }) retired_at: Date | null;
}

/** Failed sign-ins within a window, by account and by address. */
@Entity({ schema: 'auth', name: 'login_attempts' })
@Index('login_attempts_window_idx', ['window_started_at'])
export class LoginAttempts {
  /** `account:<username>` or `address:<ip>`. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'login_attempts_pkey' }) key: string;
  @Column('int') count: number;
  @TimeColumn() window_started_at: Date;
  @TimeColumn({ nullable: true }) blocked_until: Date | null;
}

/** Insert-only for every service. */
@Entity({ schema: 'auth', name: 'audit_events' })
@Index('audit_events_organization_time_idx', ['organization_id', 'time', 'id'])
@Index('audit_events_resource_idx', ['resource_type', 'resource_id', 'time'])
export class AuditEvent {
  @IdColumn('audit_events_pkey') id: string;
  @NowColumn() time: Date;
  /** Null when Darb itself acted. */
  @Column('uuid', { nullable: true }) actor_id: string | null;
  @Column('uuid', { nullable: true }) organization_id: string | null;
  /** noun.verb, for example `environment.create`. */
  @Column('text') action: string;
  @Column('text') resource_type: string;
  @Column('text', { nullable: true }) resource_id: string | null;
  /** `succeeded`, `failed`, `refused`, `requested`. */
  @Column('text') outcome: string;
  @Column('text', { nullable: true }) address: string | null;
  @JsonColumn({ nullable: true }) before: unknown;
  @JsonColumn({ nullable: true }) after: unknown;
}

/** The columns of every service's own idempotency table. */
export abstract class IdempotencyRecord {
  @Column('text') route: string;
  /** sha256 of route and body, hex. */
  @Column('text') request_hash: string;
  /** Null while the first request is still running. */
  @Column('int', { nullable: true }) status: number | null;
  @JsonColumn({ nullable: true }) body: unknown;
  @JsonColumn({ nullable: true }) headers: Record<string, string> | null;
  @NowColumn() created_at: Date;
}

@Entity({ schema: 'auth', name: 'idempotency_keys' })
@Index('auth_idempotency_keys_created_idx', ['created_at'])
export class AuthIdempotencyKey extends IdempotencyRecord {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'auth_idempotency_keys_pkey' }) actor_id: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'auth_idempotency_keys_pkey' }) key: string;
}
