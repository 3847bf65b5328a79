// Looking at JSON from outside, one small question at a time.

export type Json = { readonly [name: string]: unknown }

export function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** A text that says something. */
export function isText(json: unknown): json is string {
  return typeof json === 'string' && json !== ''
}

export function isTexts(json: unknown): json is readonly string[] {
  return Array.isArray(json) && json.every((item) => typeof item === 'string')
}

/** A whole number from zero on: seconds, revisions, positions. */
export function isSeconds(json: unknown): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json >= 0
}
