// Cedar's validator behind a thread that can be lost. Deep input breaks a wasm instance for good, and a loop cannot be
// interrupted from inside, so after a throw or beyond the time limit the thread is ended, and the next call starts another.

import { Worker } from 'node:worker_threads'
import { ValidateError } from '../errors.ts'
import type { CedarAnswers, CedarCall, CedarReply } from './messages.ts'

export interface CedarWorkerOptions {
  /** For one call, counted from when it is its turn. */
  readonly timeLimitMilliseconds: number
}

/** An answer, or why there is none. */
export type CedarResult<Kind extends CedarCall['kind']> =
  | { readonly kind: 'answer'; readonly answer: CedarAnswers[Kind] }
  | { readonly kind: 'crash' }
  | { readonly kind: 'timeout' }

/**
 * One thread, started with the first call. Calls are answered in order, one at a time. An idle thread does not keep the
 * process alive.
 */
export class CedarWorker {
  readonly #timeLimitMilliseconds: number
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: CedarWorkerOptions) {
    this.#timeLimitMilliseconds = options.timeLimitMilliseconds
  }

  /** Error: `ERR_VALIDATE_CLOSED` when closed before the answer. */
  call<Kind extends CedarCall['kind']>(call: CedarCall & { readonly kind: Kind }): Promise<CedarResult<Kind>> {
    const result = this.#last.then(() => this.#run(call))
    this.#last = result.catch(() => undefined)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread answers each kind of call with its own kind
    return result as Promise<CedarResult<Kind>>
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#end()
  }

  async #run(call: CedarCall): Promise<CedarResult<CedarCall['kind']>> {
    if (this.#isClosed) throw closed()
    const worker = (this.#worker ??= startThread())
    worker.ref()
    const reply = await ask(worker, call, this.#timeLimitMilliseconds)
    if (this.#isClosed) throw closed()
    if (reply.kind === 'answer') worker.unref()
    else await this.#end()
    return reply.kind === 'thrown' ? { kind: 'crash' } : reply
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

function startThread(): Worker {
  // the thread is next to this file: `.ts` in a clone, `.js` in the published package
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const worker = new Worker(new URL(`./cedar-thread${extension}`, import.meta.url), {
    name: 'cedar',
    // flags of the process are about its own program: `--eval` or `--input-type` would break this one
    execArgv: [],
    // policy text may be a stranger's: it meets no secrets, and what a panic prints is not ours to show. The streams are not
    // read, because reading them would keep the process alive
    env: {},
    stdout: true,
    stderr: true,
  })
  // without a listener an error of an idle thread would end the process; `ask` listens while it waits
  worker.on('error', () => undefined)
  return worker
}

/** One question, one answer. A thread that ends without one has crashed. */
function ask(
  worker: Worker,
  call: CedarCall,
  limitMilliseconds: number,
): Promise<CedarReply | { readonly kind: 'timeout' }> {
  return new Promise((resolve) => {
    const settle = (reply: CedarReply | { readonly kind: 'timeout' }): void => {
      clearTimeout(timer)
      worker.off('message', settle)
      worker.off('exit', crashed)
      resolve(reply)
    }
    const crashed = (): void => settle({ kind: 'thrown' })
    const timer = setTimeout(() => settle({ kind: 'timeout' }), limitMilliseconds)
    worker.on('message', settle)
    worker.on('exit', crashed)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of Node has no origin
    worker.postMessage(call)
  })
}

function closed(): ValidateError {
  return new ValidateError('ERR_VALIDATE_CLOSED', 'the validator is closed')
}
