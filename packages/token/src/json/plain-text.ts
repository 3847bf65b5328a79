// Text that may serve as an identifier: what a person sees in a log is what it is.

/**
 * Whether a value is a non-empty string of at most `maxLength` UTF-16 units without control characters, line separators
 * and bidirectional overrides. Nothing is normalised: two spellings of one letter are two identifiers.
 */
export function isPlainText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxLength && !UNPRINTABLE.test(value)
}

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u
