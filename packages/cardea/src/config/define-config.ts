// Gives a configuration file its type.

import type { CardeaConfig } from './config-schema.ts'

/** Returns the configuration as it is; editors complete it and the compiler checks it. */
export function defineConfig(config: CardeaConfig): CardeaConfig {
  return config
}
