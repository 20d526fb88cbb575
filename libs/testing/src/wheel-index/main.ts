/** `node dist/wheel-index/main.js [port]`: the local index by hand, until Ctrl-C. */
import { startWheelIndex } from './server.js';

const index = await startWheelIndex({ port: Number(process.argv[2] ?? 0) });
console.log(index.url);
