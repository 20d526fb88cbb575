import { bootService } from '@darb/service-kit';
import { jobsService } from './service.js';

if (import.meta.main) await bootService(jobsService);
