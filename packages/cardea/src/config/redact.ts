// A configuration as it may be shown. Secrets are references, and the checked parts hold nothing else; but the authority's part is checked
// only when an authority starts, and somebody may have written a secret there under a name of their own.

const SECRET_NAME = /secret|password|passphrase|credential|token$|key$/i

/** A copy in which texts under names of secrets, and passwords in addresses, are `(redacted)`. References to secrets, which are objects, stay. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactAddress(value)
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) && typeof inner === 'string' ? '(redacted)' : redact(inner),
    ]),
  )
}

/** An address without the name and the password in it. */
export function redactAddress(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1(redacted)@')
}
