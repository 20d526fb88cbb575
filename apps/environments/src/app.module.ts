import {
  AccessModule,
  DatabaseCheck,
  DatabaseModule,
  HealthModule,
  RetentionModule,
} from '@darb/service-kit';
import { Module } from '@nestjs/common';
import { EnvironmentsController } from './environments/environments.controller.js';
import { EnvironmentsRepository } from './environments/environments.repository.js';
import { EnvironmentsService } from './environments/environments.service.js';
import { PackageManagersController } from './package-managers/package-managers.controller.js';
import { PackageManagersRepository } from './package-managers/package-managers.repository.js';
import { PackageManagersService } from './package-managers/package-managers.service.js';
import { PackagesController } from './packages/packages.controller.js';
import { PackagesRepository } from './packages/packages.repository.js';
import { PackagesService } from './packages/packages.service.js';
import { RevisionsController } from './revisions/revisions.controller.js';
import { RevisionsRepository } from './revisions/revisions.repository.js';
import { RevisionsService } from './revisions/revisions.service.js';

import { StorageController } from './storage/storage.controller.js';
import { StorageRepository } from './storage/storage.repository.js';
import { StorageService } from './storage/storage.service.js';

@Module({
  imports: [
    DatabaseModule.forRoot(),
    AccessModule.forRoot(),
    HealthModule.forRoot({ checks: [DatabaseCheck] }),
    RetentionModule.forRoot(),
  ],
  controllers: [
    EnvironmentsController,
    PackagesController,
    RevisionsController,
    PackageManagersController,
    StorageController,
  ],
  providers: [
    EnvironmentsService,
    EnvironmentsRepository,
    PackagesService,
    PackagesRepository,
    RevisionsService,
    RevisionsRepository,
    PackageManagersService,
    PackageManagersRepository,
    StorageService,
    StorageRepository,
  ],
})
export class AppModule {}
