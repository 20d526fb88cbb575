import { bootWorker } from './boot.js';

if (import.meta.main) await bootWorker(process.env);
