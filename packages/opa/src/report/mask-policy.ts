// What an OPA leaves out of its decision logs before it sends them: the Rego of `rego/mask.rego`, package `system.log`. It belongs into a bundle
// that owns the root `system/log`.

import { readFileSync } from 'node:fs'

/** It stands beside `src` in a clone and in a package alike. */
export const maskPolicy: string = readFileSync(new URL('../../rego/mask.rego', import.meta.url), 'utf8')
