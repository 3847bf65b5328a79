// The OPA that `--through` names: an address that is asked over REST, or a bundle or module of WebAssembly that runs here.

import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { createRestDecider, createWasmDecider, type InputOf } from '@cardea/opa'
import type { Decider } from '@cardea/policy'
import { CommandError } from '../errors.ts'

export interface ThroughOptions {
  readonly through: string
  readonly entrypoint?: string
  /** A module that exports `input`. */
  readonly input?: string
}

/** Longer than in a service: here nobody waits, and a cold OPA is no difference. */
const TIMEOUT_MS = 10_000

/** Of an OPA that wants a bearer token; never an option, which other users of the machine could see. */
const TOKEN_VARIABLE = 'CARDEA_OPA_TOKEN'

/** @throws CommandError ERR_COMMAND_USAGE, ERR_COMMAND_FILE, ERR_COMMAND_INPUT; OpaError */
export async function loadDecider({ through, entrypoint, input }: ThroughOptions): Promise<Decider> {
  const inputOf = input === undefined ? {} : { input: await loadInput(input) }
  if (/^https?:\/\//.test(through)) {
    if (entrypoint !== undefined) {
      throw new CommandError(
        'ERR_COMMAND_USAGE',
        '`--entrypoint` goes with a bundle; an address has the rule in its path',
      )
    }
    const token = process.env[TOKEN_VARIABLE]
    return createRestDecider({
      ...splitAddress(through),
      timeoutMs: TIMEOUT_MS,
      ...inputOf,
      ...(token === undefined || token === '' ? {} : { token }),
    })
  }
  const bytes = await readBytes(through)
  const rule = entrypoint === undefined ? {} : { entrypoint }
  return through.endsWith('.wasm')
    ? createWasmDecider({ policy: bytes, ...rule, ...inputOf })
    : createWasmDecider({ bundle: bytes, ...rule, ...inputOf })
}

function splitAddress(address: string): { readonly url: string; readonly path: string } {
  const [url = '', path = '', ...more] = address.split('/v1/data/')
  // written as it is asked: what is escaped in it would be escaped again
  if (path !== '' && more.length === 0 && !path.includes('%')) return { url, path }
  throw new CommandError('ERR_COMMAND_USAGE', 'the address of an OPA has the rule behind `/v1/data/`', {
    hint: 'http://127.0.0.1:8181/v1/data/app/allow',
  })
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new CommandError('ERR_COMMAND_FILE', `\`${file}\` cannot be read`, {
      hint: 'an address begins with http:// or https://; a file is relative to the current folder',
      cause,
    })
  }
}

async function loadInput(file: string): Promise<InputOf> {
  let exported: object
  try {
    exported = await import(pathToFileURL(file).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : 'it throws something that is no error'
    throw new CommandError('ERR_COMMAND_INPUT', `\`${file}\` cannot be loaded: ${reason}`, { cause })
  }
  const input: unknown = Reflect.get(exported, 'input')
  if (isInput(input)) return input
  throw new CommandError('ERR_COMMAND_INPUT', `\`${file}\` exports no function \`input\``, {
    hint: 'export const input = (request) => ({ user: request.principal.id, ... })',
  })
}

function isInput(value: unknown): value is InputOf {
  return typeof value === 'function'
}
