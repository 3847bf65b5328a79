// Publishing policy. What is published was parsed, validated against its schema and compiled before anything is stored; a
// broken publication changes nothing. Revisions count up by one, are signed, and never go back.
//
// When the claims plan of an audience grows, present tokens lack what the new policies read. Then publication has two
// steps: a revision with the present policies, the next schema and the union of both plans goes out at once, so that from now on tokens are
// packed for both; the new policies follow when the last token without them has expired. `now` skips the wait.

import { unionPlans } from '@cardea/claims'
import { checkSources, type Validator } from '@cardea/validate'
import { compileProgram, createSchema, PolicyError, policyDigest, type Problem } from '@cardea/policy'
import type { Position } from '@cardea/feed'
import { OpaError } from '@cardea/opa'
import { AuthorityError } from '../errors.ts'
import type { KeyRing } from '../key/key-ring.ts'
import type { AudienceSettings, Settings } from '../options.ts'
import type { PublicationRecord, SourceText } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { contentOf, type Draft, planOfAudience, signBundles } from './bundles.ts'
import { type DescribedProblem, describeProblem } from './describe-problem.ts'
import { checkOpaFiles, opaFacts } from './opa-files.ts'
import { loadPublished, type Published } from './published.ts'

export interface Publisher {
  /** What holds now, or `undefined` before the first publication. */
  current(): Published | undefined
  /** Takes what the store has: another authority may have published. */
  refresh(): Promise<void>
  /**
   * Errors: `ERR_AUTHORITY_POLICY_PROBLEMS` with every problem found, `ERR_AUTHORITY_POLICY_REVISION` when `basedOn` is
   * not the current revision (0 before the first).
   */
  publish(request: PublishRequest): Promise<Publication>
  /** Publishes what was staged, once its time has come; answers whether it did. */
  activateDue(): Promise<boolean>
  /** Signs the present policies again as a new revision: the signing key was killed, or the bundle is getting old. */
  republish(): Promise<Position | undefined>
  /** Republishes when the bundle has lived half of its life, or its key was rotated out or killed; answers whether it did. */
  renewAging(): Promise<boolean>
}

export interface PublishRequest {
  readonly schema: SourceText
  readonly policies: readonly SourceText[]
  readonly forbidErrors: 'deny' | 'skip'
  readonly basedOn: number
  readonly stage: 'now' | 'when-tokens-know'
  readonly by: string
}

export interface Publication {
  readonly revision: number
  readonly digest: string
  readonly position: Position
  /** What is doubtful about the new policies, as `cardea check` says it too; the publication holds all the same. */
  readonly warnings: readonly DescribedProblem[]
  /** Set when the new policies wait: unix seconds at which they become current. */
  readonly activatesAtSeconds?: number
}

export interface PublisherParts {
  readonly store: Store
  readonly keys: KeyRing
  readonly validator: Validator
  readonly audiences: readonly AudienceSettings[]
  /** What the bundles of OPAs say besides the policies. */
  readonly settings: Pick<Settings, 'issuer' | 'principalType' | 'clientType'>
  readonly longestSeconds: number
  readonly bundleSeconds: number
  readonly now: () => number
}

export async function createPublisher(parts: PublisherParts): Promise<Publisher> {
  const { store, audiences, longestSeconds, now } = parts
  let published = await loadPublished(store, audiences)

  /** Another authority may have published. */
  async function refresh(): Promise<void> {
    const found = await loadPublished(store, audiences)
    if ((found?.revision ?? 0) >= (published?.revision ?? 0)) published = found
  }

  /** One revision, whole: signed first, since signing is not the store's work, then stored if nothing came between. */
  async function storeRevision(
    draft: Draft,
    stagedUntil?: { next: Draft; activatesAtSeconds: number },
  ): Promise<Publication> {
    const revision = draft.basedOn + 1
    const bundles = await signBundles(draft, revision, parts)
    const position = await store.write(async (transaction) => {
      const currentRevision = (await transaction.publication())?.revision ?? 0
      if (currentRevision !== draft.basedOn) throw changed(currentRevision)
      await transaction.insertPublication(recordOf(draft, revision, now()))
      for (const bundle of bundles) await transaction.insertBundle(bundle)
      await transaction.setStaged(
        stagedUntil === undefined
          ? undefined
          : {
              publication: recordOf(stagedUntil.next, revision, now()),
              baseRevision: revision,
              activatesAtSeconds: stagedUntil.activatesAtSeconds,
            },
      )
      return transaction.append({ kind: 'bundle', revision })
    })
    await refresh()
    return {
      revision,
      digest: draft.digest,
      position,
      warnings: warningsOf(stagedUntil?.next ?? draft),
      ...(stagedUntil === undefined ? {} : { activatesAtSeconds: stagedUntil.activatesAtSeconds }),
    }
  }

  /** The draft of what is published, on top of itself. */
  const again = (current: Published): Draft => ({
    ...current,
    basedOn: current.revision,
    by: 'authority',
    warnings: [],
  })

  async function activateDue(): Promise<boolean> {
    const staged = await store.read((view) => view.staged())
    if (staged === undefined || now() < staged.activatesAtSeconds) return false
    // what was published in the meantime was based on the staged revision, and took its place
    if (published?.revision !== staged.baseRevision) return false
    const { publication } = staged
    const draft = await draftOf({ ...publication, basedOn: staged.baseRevision, by: publication.createdBy }, parts)
    return (await storeUnlessDone(draft)) !== undefined
  }

  /** What every authority does by itself: one of them is first, and the others take what it made. */
  async function storeUnlessDone(draft: Draft): Promise<Position | undefined> {
    try {
      return (await storeRevision(draft)).position
    } catch (error) {
      if (!(error instanceof AuthorityError) || error.code !== 'ERR_AUTHORITY_POLICY_REVISION') throw error
      await refresh()
      return undefined
    }
  }

  async function republish(): Promise<Position | undefined> {
    if (published === undefined) return undefined
    return (await storeRevision(again(published))).position
  }

  // an audience that was added to the configuration gets the present policies too
  if (published !== undefined && audiences.some(({ id }) => !published?.plans.has(id))) {
    await storeUnlessDone(again(published))
  }
  await activateDue()

  return {
    current: () => published,
    refresh,
    activateDue,
    republish,
    async renewAging() {
      if (published === undefined) return false
      const isOld = now() >= published.createdAtSeconds + parts.bundleSeconds / 2
      if (!isOld && ![...published.signedBy].some((kid) => parts.keys.isOutgoing(kid))) return false
      return (await storeUnlessDone(again(published))) !== undefined
    },
    async publish(request) {
      const currentRevision = published?.revision ?? 0
      if (request.basedOn !== currentRevision) throw changed(currentRevision)
      const draft = await draftOf(request, parts)
      const present = published
      if (present === undefined || request.stage === 'now' || !growsPlan(draft, present, audiences))
        return storeRevision(draft)
      const bridge = await bridgeOf(request, present, parts)
      if (bridge === undefined) return storeRevision(draft)
      const plans = new Map(
        audiences.map((audience) => {
          const present = planOfAudience(bridge, audience)
          return [audience.id, unionPlans(present, planOfAudience(draft, audience))]
        }),
      )
      return storeRevision({ ...bridge, plans }, { next: draft, activatesAtSeconds: now() + longestSeconds })
    },
  }
}

/** Checks sources and compiles them, so that nothing that would fail in a guard is ever signed. */
async function draftOf(request: Omit<PublishRequest, 'stage'>, parts: PublisherParts): Promise<Draft> {
  const { validator, audiences } = parts
  const { schema: schemaText } = request
  const sources = request.policies.toSorted((left, right) => (left.file < right.file ? -1 : 1))
  const { definition, policies, problems } = await checkSources({ schema: schemaText, policies: sources }, validator)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0 || definition === undefined) throw refused(problems, [schemaText, ...sources])
  try {
    const schema = createSchema(definition)
    compileProgram(policies, { schema, forbidErrors: request.forbidErrors })
    const draft = {
      schemaText,
      sources,
      definition,
      schema,
      policies,
      forbidErrors: request.forbidErrors,
      digest: await policyDigest(sources, schemaText.text),
      basedOn: request.basedOn,
      by: request.by,
      warnings: problems,
    }
    // an audience whose policies no token can serve is refused here and not at the first exchange
    for (const audience of audiences) planOfAudience(draft, audience)
    for (const audience of audiences) if (audience.opa) checkOpa(draft, audience, parts)
    return draft
  } catch (error) {
    if (error instanceof PolicyError && error.problems.length > 0)
      throw refused(error.problems, [schemaText, ...sources])
    if (error instanceof OpaError) {
      const { code, message, hint, span } = error
      const place = { ...(hint === undefined ? {} : { hint }), ...(span === undefined ? {} : { span }) }
      throw refused([{ severity: 'error', code, message, ...place }], [schemaText, ...sources])
    }
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw refused([{ severity: 'error', code: error.code, message: error.message }], [])
    }
    throw error
  }
}

/** What Rego cannot say exactly is refused. Errors: those of `opaPolicyFiles`. */
function checkOpa(draft: Draft, audience: AudienceSettings, { settings, bundleSeconds, now }: PublisherParts): void {
  const content = contentOf(draft, {
    revision: draft.basedOn + 1,
    notAfterSeconds: now() + bundleSeconds,
    audience: audience.id,
    plans: [planOfAudience(draft, audience)],
  })
  checkOpaFiles(content, opaFacts(audience, settings))
}

/**
 * The present policies under the next schema, which the union plan needs. `undefined` when they do not fit it: then there is
 * no state between the two, and the new policies hold at once.
 */
async function bridgeOf(
  request: PublishRequest,
  present: Published,
  parts: PublisherParts,
): Promise<Draft | undefined> {
  try {
    return await draftOf({ ...request, policies: present.sources, forbidErrors: present.forbidErrors }, parts)
  } catch (error) {
    if (error instanceof AuthorityError && error.code === 'ERR_AUTHORITY_POLICY_PROBLEMS') return undefined
    throw error
  }
}

function growsPlan(draft: Draft, present: Published, audiences: readonly AudienceSettings[]): boolean {
  return audiences.some((audience) => {
    const plan = present.plans.get(audience.id)
    return plan !== undefined && unionPlans(plan, planOfAudience(draft, audience)).digest !== plan.digest
  })
}

function recordOf(draft: Draft, revision: number, createdAtSeconds: number): PublicationRecord {
  return {
    revision,
    schema: draft.schemaText,
    policies: draft.sources,
    definition: JSON.stringify(draft.definition),
    digest: draft.digest,
    forbidErrors: draft.forbidErrors,
    createdBy: draft.by,
    createdAtSeconds,
  }
}

function warningsOf({ warnings, schemaText, sources }: Draft): readonly DescribedProblem[] {
  return warnings.map((warning) => describeProblem(warning, [schemaText, ...sources]))
}

function changed(revision: number): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_POLICY_REVISION', `the current revision is ${revision}`, {
    hint: 'look at what was published meanwhile, then publish on top of it',
  })
}

function refused(problems: readonly Problem[], sources: readonly SourceText[]): AuthorityError {
  return new AuthorityError(
    'ERR_AUTHORITY_POLICY_PROBLEMS',
    'the policy does not pass the check; nothing was published',
    {
      problems,
      sources,
    },
  )
}
