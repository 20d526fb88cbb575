import { writeOpenApi } from '@darb/service-kit';
import { AppModule } from './app.module.js';
import { AuthConfig } from './config.js';

if (import.meta.main) await writeOpenApi({ service: 'auth', module: AppModule, configClass: AuthConfig });
