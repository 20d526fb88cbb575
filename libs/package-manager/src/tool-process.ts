/** Running a tool through the injected runner, and what its output says in plain text. */
import { stripVTControlCharacters } from 'node:util';
import { MAX_EXTRACT, PackageManagerError } from './errors.js';
import { cleanField, cleanText } from './outside-text.js';
import type { RunContext, ToolCommand, ToolResult } from './port.js';

/** How a process ended that was not the tool's own decision. Returns when it was. */
function throwWhenStopped(result: ToolResult): void {
  if (result.cancelled) throw new PackageManagerError('cancelled', 'The job was cancelled.');
  if (result.timedOut) {
    throw new PackageManagerError(
      'timeout',
      'The job took longer than it may; ask for less at once, or have the limit raised.',
    );
  }
  if (result.signal !== null || result.exitCode === null) {
    const signal = result.signal ?? 'an unknown signal';
    const message = `The tool was killed by ${signal}, as happens when memory runs out. Try again, or ask for less at once.`;
    throw new PackageManagerError('killed', message, extractError(result.stderr));
  }
}

/** The tool's path. Throws when the worker knows that it has none: whatever follows would name another cause. */
export function availableTool({ report }: RunContext): string {
  if (report.available && report.path !== null) return report.path;
  const message = report.reason ?? `${report.type} is not available on this worker.`;
  throw new PackageManagerError('package_manager_unavailable', message);
}

/** Runs a command; throws for cancel, timeout and signals, so that callers only see exit codes. */
export async function runTool(
  context: RunContext,
  command: ToolCommand,
): Promise<ToolResult & { exitCode: number }> {
  let result: ToolResult;
  try {
    result = await context.run(command);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof PackageManagerError || (code !== 'ENOENT' && code !== 'EACCES')) throw error;
    const message = `${command.file} cannot be started (${code}); check the installation on this worker.`;
    throw new PackageManagerError('package_manager_unavailable', message, null, { cause: error });
  }
  // Here all output of tools enters.
  result = { ...result, stdout: cleanText(result.stdout), stderr: cleanText(result.stderr) };
  throwWhenStopped(result);
  return result as ToolResult & { exitCode: number };
}

/** Without ANSI, credentials and the tool's advice about its own command line. */
export function plainText(output: string): string {
  return stripVTControlCharacters(output)
    .replaceAll('\r\n', '\n')
    .replaceAll(/\/\/[^/\s@:]+(:[^/\s@]*)?@/g, '//')
    .replaceAll(/\/t\/[^/\s]+\//g, '/t/…/');
}

/** The tool's own error: from the line where it begins, cut to what fits on a page. Null when it said nothing. */
export function extractError(stderr: string): string | null {
  const lines = plainText(stderr)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !line.startsWith('hint: If you want to add the package regardless'));
  const start = lines.findIndex((line) => /^(error:|Error:|\s*×|thread '.*panicked)/i.test(line));
  const text = lines
    .slice(Math.max(start, 0))
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  if (text === '') return null;
  return cleanField(text, MAX_EXTRACT);
}

/** The extract on one line, for patterns: both tools wrap and indent long sentences. */
export function oneLine(text: string): string {
  return text.replaceAll(/[│├╰─▶×└┬]+/g, ' ').replaceAll(/\s+/g, ' ');
}
