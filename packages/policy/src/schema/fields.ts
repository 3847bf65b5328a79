// Look-ups in definitions by names from outside: only what the definition itself says counts, never `Object.prototype`.

/** The own property of that name. */
export function ownField<T>(fields: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}
