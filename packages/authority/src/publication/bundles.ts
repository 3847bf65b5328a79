// The signed bundles of one revision, one an audience: the same policies, and the plans by which its tokens are packed.

import { type ClaimsPlan, createPlan } from '@cardea/claims'
import { buildBundle, bundleDigest, type PublishedContent, signBundle } from '@cardea/feed'
import type { Policy, Problem, Schema, SchemaDefinition } from '@cardea/policy'
import type { KeyRing } from '../key/key-ring.ts'
import type { AudienceSettings } from '../options.ts'
import type { BundleRecord, SourceText } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { version } from '../version.ts'

/** Policies that passed every check and wait for their number. */
export interface Draft {
  readonly schemaText: SourceText
  /** By file name, so that `policyN` of a policy without an id does not depend on the order in which they came. */
  readonly sources: readonly SourceText[]
  readonly definition: SchemaDefinition
  readonly schema: Schema
  readonly policies: readonly Policy[]
  readonly forbidErrors: 'deny' | 'skip'
  readonly digest: string
  readonly basedOn: number
  readonly by: string
  /** What is doubtful about the policies. */
  readonly warnings: readonly Problem[]
  /** Plans to pack by instead of the policies' own: those of a staged publication. */
  readonly plans?: ReadonlyMap<string, ClaimsPlan>
}

export interface BundleParts {
  readonly store: Store
  readonly keys: KeyRing
  readonly audiences: readonly AudienceSettings[]
  readonly longestSeconds: number
  readonly bundleSeconds: number
  readonly now: () => number
}

export function planOfAudience(draft: Draft, { id, actions }: AudienceSettings): ClaimsPlan {
  const { policies, schema } = draft
  return draft.plans?.get(id) ?? createPlan({ policies, schema, ...(actions === undefined ? {} : { actions }) })
}

/** A bundle carries the plan of every token that may still live: the newest first. */
export async function signBundles(draft: Draft, revision: number, parts: BundleParts): Promise<BundleRecord[]> {
  const { store, keys, audiences, longestSeconds, bundleSeconds, now } = parts
  return Promise.all(
    audiences.map(async (audience) => {
      const plan = planOfAudience(draft, audience)
      const older = await store.read((view) => view.bundlesSince(audience.id, now() - longestSeconds))
      const plans = older
        .map((bundle): ClaimsPlan => JSON.parse(bundle.plan))
        .filter(({ digest }) => digest !== plan.digest)
      const content = contentOf(draft, {
        revision,
        notAfterSeconds: now() + bundleSeconds,
        audience: audience.id,
        plans: [plan, ...uniqueByDigest(plans)],
      })
      const jws = await signBundle(content, keys.signer('bundle'))
      return {
        digest: bundleDigest(jws),
        revision,
        audience: audience.id,
        jws,
        plan: JSON.stringify(plan),
        createdAtSeconds: now(),
      }
    }),
  )
}

export function contentOf(
  draft: Draft,
  published: Pick<PublishedContent, 'revision' | 'notAfterSeconds' | 'audience'> & { readonly plans: ClaimsPlan[] },
): PublishedContent {
  return buildBundle({
    ...published,
    producer: `@cardea/authority ${version()}`,
    forbidErrors: draft.forbidErrors,
    schema: draft.definition,
    schemaSource: draft.schemaText,
    policies: draft.sources,
    program: draft.policies,
    digest: draft.digest,
  })
}

function uniqueByDigest(plans: readonly ClaimsPlan[]): ClaimsPlan[] {
  return [...new Map(plans.map((plan) => [plan.digest, plan])).values()]
}
