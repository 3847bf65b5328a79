// The one error of the command: what went wrong in one line, and what to do about it. It is printed, never thrown at a user.

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const COMMAND_ERRORS = {
  ERR_COMMAND_USAGE: 'the command line names something that does not exist or leaves something out',
  ERR_COMMAND_FILE: 'a file cannot be read or written',
  ERR_COMMAND_CONFIG: 'the configuration is not valid',
  ERR_COMMAND_INPUT: 'an input file is not in the format that the command expects',
  ERR_COMMAND_POLICY: 'the policies or the schema have errors',
  ERR_COMMAND_BUNDLE: 'the schema or the plan of a bundle is not what its texts say',
  ERR_COMMAND_GENERATED: 'the generated schema is not of these policies',
  ERR_COMMAND_PORT: 'the port is in use or may not be used',
  ERR_COMMAND_CLOCK: 'the clocks of this machine and of the authority differ',
  ERR_COMMAND_KEYS: 'the keys that are pinned, configured or published do not fit each other',
  ERR_COMMAND_SETTING: 'a setting works, and is probably not what was meant',
  ERR_COMMAND_AUTHORITY: 'the authority cannot be reached or refused the request',
} as const

export type CommandErrorCode = keyof typeof COMMAND_ERRORS

/** An expected failure of the command: printed as one clear line and a hint, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: CommandErrorCode
  readonly hint: string | undefined

  constructor(
    code: CommandErrorCode,
    message: string,
    details: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }
}
