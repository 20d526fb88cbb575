import { config, ConfigError } from './config';

/** Parses the configuration, or ends the process with what is wrong with it. */
export function checkStart(): void {
  try {
    config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
