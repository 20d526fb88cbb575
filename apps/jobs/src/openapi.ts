import { writeOpenApi } from '@darb/service-kit';
import { jobsService } from './service.js';

if (import.meta.main) await writeOpenApi(jobsService);
