// The answers to guards who ask how far the log has come. Many ask at one moment, and one read serves them all.
// INVARIANT: a read that answers begins after every question that it answers was asked, or it would prove nothing to who asked.

import type { Position } from '@cardea/feed'
import type { Store } from '../../store/store.ts'
import { lastInScope, type Scope } from './scope.ts'

export interface HeadOfScope {
  readonly position: Position
  /** The number of the last event at or before it in the scope. */
  readonly prev: number
}

export interface Heads {
  /** Errors: those of the store. */
  ask(scope: Scope): Promise<HeadOfScope>
}

/** Questions that wait for the next read. */
interface Round {
  readonly scopes: Map<string, Scope>
  readonly answers: Promise<ReadonlyMap<string, HeadOfScope>>
}

export function createHeads(store: Pick<Store, 'read'>): Heads {
  let reading: Promise<unknown> = Promise.resolve()
  let next: Round | undefined

  function open(): Round {
    const scopes = new Map<string, Scope>()
    const answers = reading.then(() => {
      // who asks from here on asks the one after this
      next = undefined
      const read = readAll(scopes)
      reading = read.catch(() => undefined)
      return read
    })
    return { scopes, answers }
  }

  function readAll(scopes: ReadonlyMap<string, Scope>): Promise<ReadonlyMap<string, HeadOfScope>> {
    return store.read(async (view) => {
      const position = await view.position()
      const heads = new Map<string, HeadOfScope>()
      for (const [name, scope] of scopes) {
        heads.set(name, { position, prev: await lastInScope(view, position.seq, scope) })
      }
      return heads
    })
  }

  return {
    async ask(scope) {
      const { scopes, answers } = (next ??= open())
      // scopes of one view have one answer, whatever their audience
      const name = scope.id ?? ''
      scopes.set(name, scope)
      const head = (await answers).get(name)
      if (head === undefined) throw new Error('a question was left out')
      return head
    },
  }
}
