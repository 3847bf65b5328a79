// The one error of this package: a test file or a test that is itself wrong. A cell that differs is a result, not an error.

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const TESTKIT_ERRORS = {
  ERR_TESTKIT_MATRIX: 'a test matrix is not in the expected format',
  ERR_TESTKIT_NAME: 'a test names a principal, resource, context, action or template that does not exist',
  ERR_TESTKIT_VALUE: 'a value of a test does not have the type that the schema says',
  ERR_TESTKIT_EXPECTATION: 'a decision is not what the test expects',
} as const

export type TestkitErrorCode = keyof typeof TESTKIT_ERRORS

/** A test that cannot be run, or (ERR_TESTKIT_EXPECTATION) an assertion that does not hold. */
export class TestkitError extends Error {
  override readonly name = 'TestkitError'
  readonly code: TestkitErrorCode
  readonly hint: string | undefined

  constructor(
    code: TestkitErrorCode,
    message: string,
    details: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }
}
