// A number on the command line.

import { InvalidArgumentError } from 'commander'

/** A parser of an option's argument: 0 or more, exact. */
export function wholeNumber(text: string): number {
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is not a whole number.')
}
