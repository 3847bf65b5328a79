// One bundle as it is served: made when it is asked for, again when something has changed or it got old, and once for all who ask at a
// moment. Who has it already may wait for the next one.
// INVARIANT: who has a bundle that was not made here gets one whose making began after the question. So an OPA that goes from one
// authority to another on the same database never gets older news than it has.

import type { OpaBundle } from '@cardea/opa'

export interface Edition {
  /** Errors: those of `make`. */
  ask(question: EditionQuestion): Promise<EditionAnswer>
  /** What it is made of has changed. */
  wake(): void
  /** It says of a place that it is the last one, and is not any more: it is made again, if in a moment or two. */
  outdate(): void
  /** Whoever waits is answered with what there is; nobody waits any more. */
  close(): void
  readonly isAskedFor: boolean
}

export interface EditionQuestion {
  /** The digests that the caller has. */
  readonly known: readonly string[]
  /** How long the answer may wait for something that the caller does not have. */
  readonly holdMilliseconds: number
  /** The caller has gone. */
  readonly signal: AbortSignal
}

/** `isNew`: the caller does not have it. `wasHeld`: the caller waited for it. */
export interface EditionAnswer {
  readonly bundle: OpaBundle
  readonly isNew: boolean
  readonly wasHeld: boolean
}

export interface EditionOptions {
  readonly make: () => Promise<OpaBundle>
  /** After this long it is made again, though nothing has changed. */
  readonly everyMilliseconds: () => number
}

/** Of a flood of changes as many are in one bundle as come in this time; the first is not kept waiting. */
const GATHERED_MILLISECONDS = 200
/** So long it may say of another place than the last one that it is that. */
const BEHIND_MILLISECONDS = 1000
/** Earlier ones of our own making: whoever has one of these has nothing newer. */
const REMEMBERED = 8

export function createEdition({ make, everyMilliseconds }: EditionOptions): Edition {
  const waiting = new Set<() => void>()
  let questions = 0
  let isClosed = false
  let isBehind = false
  let current: OpaBundle | undefined
  let remembered: readonly string[] = []
  let changes = 0
  /** How many changes there were when the making of `current` began, and when that was. */
  let madeAfter = -1
  let begunAt = Number.NEGATIVE_INFINITY
  let making: Promise<unknown> = Promise.resolve()
  let next: Promise<OpaBundle> | undefined

  /** One whose making begins after the call. */
  function remake(): Promise<OpaBundle> {
    next ??= making.then(() => {
      // who asks from here on asks the one after this
      next = undefined
      const made = makeNow()
      making = made.catch(() => undefined)
      return made
    })
    return next
  }

  async function makeNow(): Promise<OpaBundle> {
    const [after, at] = [changes, performance.now()]
    isBehind = false
    const made = await make()
    madeAfter = after
    begunAt = at
    if (made.digest === current?.digest) return current
    remembered = [made.digest, ...remembered].slice(0, REMEMBERED)
    current = made
    return made
  }

  const lastsMilliseconds = (): number =>
    Math.min(everyMilliseconds(), isBehind ? BEHIND_MILLISECONDS : Number.POSITIVE_INFINITY)
  const untilOld = (): number => begunAt + lastsMilliseconds() - performance.now()
  const untilGathered = (): number => begunAt + GATHERED_MILLISECONDS - performance.now()

  /** What there is, if it serves who has these. */
  function present(known: readonly string[]): OpaBundle | undefined {
    if (changes !== madeAfter || untilOld() <= 0) return undefined
    return known.length === 0 || known.some((digest) => remembered.includes(digest)) ? current : undefined
  }

  async function answer({ known, holdMilliseconds, signal }: EditionQuestion): Promise<EditionAnswer> {
    const until = performance.now() + holdMilliseconds
    let wasHeld = false
    for (;;) {
      const left = isClosed || signal.aborted ? 0 : until - performance.now()
      const isHolder = current !== undefined && known.includes(current.digest)
      if (isHolder && left > 0 && changes !== madeAfter && untilGathered() > 0) {
        wasHeld = true
        await pause(Math.min(left, untilGathered()), signal)
        continue
      }
      const bundle = present(known) ?? (await remake())
      if (!known.includes(bundle.digest)) return { bundle, isNew: true, wasHeld }
      if (left <= 0) return { bundle, isNew: false, wasHeld }
      wasHeld = true
      // something may have changed while it was made
      if (changes === madeAfter) await pause(Math.min(left, untilOld()), signal)
    }
  }

  /** So long, or until something happens. */
  function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer)
        waiting.delete(resume)
        signal.removeEventListener('abort', resume)
        resolve()
      }
      // a timer may fire a little early
      const timer = setTimeout(resume, Math.ceil(Math.max(0, milliseconds)) + 1)
      waiting.add(resume)
      signal.addEventListener('abort', resume)
    })
  }

  function resumeAll(): void {
    for (const resume of waiting) resume()
  }

  return {
    async ask(question) {
      questions += 1
      try {
        return await answer(question)
      } finally {
        questions -= 1
      }
    },
    wake() {
      changes += 1
      resumeAll()
    },
    outdate() {
      isBehind = true
      resumeAll()
    },
    close() {
      isClosed = true
      resumeAll()
    },
    get isAskedFor() {
      return questions > 0
    },
  }
}
