// Fetches the bundle that was announced, until it is applied or another one is announced. A bundle that cannot be had or
// must not be believed leaves the last good one in place, and the copy stale.

import type { KeySource, SignatureAlgorithm } from '@cardea/token'
import type { BundleAddress } from '../bundle/bundle.ts'
import type { CompileBundleOptions } from '../bundle/compile-bundle.ts'
import { openBundle } from '../bundle/open-bundle.ts'
import { bundleDigest } from '../bundle/sign-bundle.ts'
import { FeedError } from '../errors.ts'
import { createBackoff } from './backoff.ts'
import type { Setting } from './setting.ts'
import { wait } from './timer.ts'

export interface BundleLoader {
  /** Something may be wanted. */
  wake(): void
  done(): Promise<void>
}

export interface BundleTrust extends CompileBundleOptions {
  readonly keys: KeySource
  readonly algorithms?: readonly SignatureAlgorithm[]
  readonly now: () => number
  readonly minimumRevision: () => number
}

export function createBundleLoader(setting: Setting, trust: BundleTrust): BundleLoader {
  const { authority, audience, replica, signal, report } = setting
  let running: Promise<void> | undefined
  let waiting = new AbortController()

  async function load({ digest }: BundleAddress): Promise<void> {
    const signed = await authority.bundle(digest, signal)
    if (bundleDigest(signed) !== digest) throw new FeedError('ERR_FEED_BUNDLE_DIGEST')
    const known = replica.bundle
    const opened = await openBundle(signed, {
      ...trust,
      audience,
      minimumRevision: Math.max(trust.minimumRevision(), known?.content.revision ?? 0),
      ...(known === undefined ? {} : { knownAddress: known.address }),
    })
    // another one may have been announced meanwhile; this one is then old news, but not older than what is there
    if (!signal.aborted) replica.applyBundle(opened, signed)
  }

  async function run(): Promise<void> {
    let backoff = createBackoff(setting.backoff)
    let tried: BundleAddress | undefined
    for (let wanted = replica.wanted; wanted !== undefined && !signal.aborted; wanted = replica.wanted) {
      if (tried?.digest !== wanted.digest) backoff = createBackoff(setting.backoff)
      tried = wanted
      try {
        await load(wanted)
      } catch (cause) {
        if (signal.aborted) return
        report(`revision ${wanted.revision} could not be applied`, cause)
        waiting = new AbortController()
        await wait(backoff.next(), AbortSignal.any([signal, waiting.signal]))
      }
    }
  }

  return {
    wake() {
      if (signal.aborted) return
      waiting.abort()
      running ??= run().finally(() => {
        running = undefined
      })
    },
    done: async () => running,
  }
}
