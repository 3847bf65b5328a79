// Before any test: where there is no stock OPA yet and Go can build one, it is built once, and not by every test that needs it.

import { findOpa } from './opa.ts'

/** Vitest calls it. */
export async function setup(): Promise<void> {
  const announcement = setTimeout(() => console.log('building a stock OPA for the tests: a minute or two, once'), 3000)
  await findOpa()
  clearTimeout(announcement)
}
