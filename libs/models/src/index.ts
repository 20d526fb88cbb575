export * from './change.js';
export * from './protocol.js';
export * from './states.js';
export * from './words.js';
