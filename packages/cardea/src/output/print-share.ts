// The policies that every request looks at, with their share of all.

import { positionOf, type Policy } from '@cardea/policy'
import type { Sources } from '../sources.ts'

/** So many are named in the text. */
const NAMED = 5

/** `1 of 3 policies (33 %) is looked at for every request: tenant-isolation`; nothing when there is none. */
export function shareText(unnarrowed: readonly Policy[], policies: number): string | undefined {
  if (unnarrowed.length === 0) return undefined
  const names = unnarrowed.slice(0, NAMED).map(({ id }) => id)
  const more = unnarrowed.length - names.length
  const verb = unnarrowed.length === 1 ? 'is' : 'are'
  const share = `${percent(unnarrowed.length / policies)} %`
  const list = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return `${unnarrowed.length} of ${grouped(policies)} ${policies === 1 ? 'policy' : 'policies'} (${share}) ${verb} looked at for every request: ${list}`
}

/** The same as data. `share` is between 0 and 1. */
export function describeShare(sources: Sources, unnarrowed: readonly Policy[], policies: number): object {
  const texts = new Map(sources.policies.map(({ file, text }) => [file, text]))
  return {
    count: unnarrowed.length,
    share: policies === 0 ? 0 : unnarrowed.length / policies,
    policies: unnarrowed.map(({ id, span }) => ({
      id,
      file: span.file,
      ...positionOf(texts.get(span.file) ?? '', span.start),
    })),
  }
}

function percent(share: number): string {
  return share < 0.1 ? (share * 100).toFixed(1) : (share * 100).toFixed(0)
}

/** `10 000`: groups of three, as the documents write them. */
function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}
