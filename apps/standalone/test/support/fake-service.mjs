// Stands in for a service: answers 200 to everything, and notes what it was started with.
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const parts = process.argv[1].split(path.sep);
// …/apps/<name>/dist/main.js, and …/apps/dashboard/server.js
const name = parts.at(-1) === 'server.js' ? parts.at(-2) : parts.at(-3);
const inNotes = (file) => path.join(process.env.NOTES, file);

// As if another program had taken its port a moment ago, at its first start.
if (process.env.LOSE_PORT_OF === name && !existsSync(inNotes('lost'))) {
  writeFileSync(inNotes('lost'), '');
  console.error('listen EADDRINUSE: address already in use');
  process.exit(1);
}

writeFileSync(inNotes(`${name}.json`), JSON.stringify({ pid: process.pid, env: process.env }));
const port = Number(process.env.DARB_SERVER_PORT ?? process.env.PORT);
createServer((_request, response) => response.end('{"status":"ok"}')).listen(port, '127.0.0.1');

// As if it had work to end: SLOW_STOP_OF takes a while to stop.
if (process.env.SLOW_STOP_OF === name) process.on('SIGTERM', () => setTimeout(() => process.exit(0), 3_000));
