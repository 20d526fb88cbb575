import { writeOpenApi } from '@darb/service-kit';
import { SERVICE } from './service.js';

if (import.meta.main) await writeOpenApi(SERVICE);
