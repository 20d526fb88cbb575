import { bootService } from '@darb/service-kit';
import { SERVICE } from './service.js';

if (import.meta.main) await bootService(SERVICE);
