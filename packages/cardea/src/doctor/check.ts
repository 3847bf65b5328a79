// One thing that was looked at, and how it is.

import { printable, withoutTokens } from '../output/printable.ts'

export interface Check {
  readonly level: 'ok' | 'warn' | 'FAIL'
  /** What was looked at: `clock`, `feed https://notes.example`. */
  readonly name: string
  readonly message: string
  readonly code: string | null
  /** What to do. */
  readonly hint: string | null
}

/** Why something is not right, without a value of a secret in it. */
export interface Fault {
  readonly code: string
  readonly message: string
  readonly hint: string
}

export function ok(name: string, message: string): Check {
  return { level: 'ok', name, message: clean(message), code: null, hint: null }
}

export function warn(name: string, fault: Fault): Check {
  return { ...fault, level: 'warn', name, message: clean(fault.message), hint: clean(fault.hint) }
}

export function fail(name: string, fault: Fault): Check {
  return { ...warn(name, fault), level: 'FAIL' }
}

/** An error of ours as a failed check. What is no error of ours is a bug, and thrown on. */
export function failed(name: string, error: unknown, hint: string): Check {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (!(error instanceof Error) || typeof code !== 'string' || !code.startsWith('ERR_')) throw error
  const own: unknown = Reflect.get(error, 'hint')
  const reason = reasonOf(error.cause)
  const message = reason === undefined ? error.message : `${error.message}: ${reason}`
  return fail(name, { code, message, hint: typeof own === 'string' ? own : hint })
}

/** What lies at the bottom of an error: `connect ECONNREFUSED 127.0.0.1:8181`. */
function reasonOf(cause: unknown): string | undefined {
  let reason: string | undefined
  for (let error = cause; error instanceof Error; error = error.cause) {
    const code: unknown = Reflect.get(error, 'code')
    const text = error.message === '' && typeof code === 'string' ? code : error.message
    // the issues of a schema are JSON over many lines
    if (text !== '' && !text.includes('\n')) reason = text
  }
  return reason
}

/** What others said may stand in a message: an address, a status line. */
function clean(text: string): string {
  return printable(withoutTokens(text))
}
