export * from './port.js';
export * from './errors.js';
export * from './change.js';
export * from './specs/types.js';
