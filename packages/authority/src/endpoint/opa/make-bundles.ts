// What the bundles of OPAs are made of: each from one consistent read, signed by the key that signs the bundles of guards.

import { type OpenBundle, openBundle } from '@cardea/feed'
import {
  buildOpaBundle,
  OPA_POLICY_ROOTS,
  opaDiscoveryContent,
  type OpaBundle,
  opaNewsContent,
  opaPolicyFiles,
  opaScope,
} from '@cardea/opa'
import { createLocalKeys, SIGNATURE_ALGORITHMS, type SigningKey } from '@cardea/token'
import { AuthorityError } from '../../errors.ts'
import type { AudienceSettings, Settings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import { opaFacts } from '../../publication/opa-files.ts'
import type { BundleRecord, KeyRecord } from '../../store/records.ts'
import type { Scope } from '../feed/scope.ts'
import { newsSeconds } from './news-interval.ts'

export type MakingParts = Pick<Parts, 'settings' | 'store' | 'keys' | 'publisher' | 'now'>

/** The newest policy of an audience, as far as the news say it. */
export interface PolicyMark {
  readonly revision: number
  readonly sinceSeconds: number
}

/** Every revocation that can touch a token of the scope. `mark` is asked within the read. */
export async function makeNews(
  { audience, tenants }: Scope,
  mark: (read: () => Promise<BundleRecord | undefined>) => Promise<PolicyMark | undefined>,
  parts: MakingParts,
): Promise<OpaBundle> {
  const { settings, store, keys, now } = parts
  const timeSeconds = now()
  const [records, news] = await store.read(async (view) => {
    const records = await view.keys()
    return [
      records,
      {
        issuer: settings.issuer,
        audience,
        position: await view.position(),
        timeSeconds,
        policy: await mark(() => view.bundle(audience)),
        tenants,
        subjectKey: await view.subjectKey(),
        keys: keys.verifying(records, 'access'),
        revocations: await view.revocations(timeSeconds, tenants),
      },
    ] as const
  })
  const key = await signerOf(records, parts)
  return buildOpaBundle(opaNewsContent(news), { key, scope: opaScope('news', audience) })
}

/**
 * The published bundle as Rego. It is opened like a guard does it: what is signed again was signed before, and revisions never go back.
 * Errors: `ERR_AUTHORITY_NO_POLICY`, those of `openBundle` and `opaPolicyFiles`.
 */
export function createPolicyMaker(audience: AudienceSettings, parts: MakingParts): () => Promise<OpaBundle> {
  const { settings, store, keys, now } = parts
  let opened: OpenBundle | undefined
  let made: { readonly from: string; readonly bundle: OpaBundle } | undefined
  return async () => {
    const [records, record] = await store.read(
      async (view) => [await view.keys(), await view.bundle(audience.id)] as const,
    )
    if (record === undefined) throw new AuthorityError('ERR_AUTHORITY_NO_POLICY')
    const key = await signerOf(records, parts)
    const from = `${record.digest} ${key.kid}`
    if (made?.from === from) return made.bundle
    opened = await openBundle(record.jws, {
      keys: createLocalKeys(keys.verifying(records, 'bundle')),
      algorithms: SIGNATURE_ALGORITHMS,
      audience: audience.id,
      minimumRevision: opened?.content.revision ?? 0,
      now,
    })
    const { revision, digest } = opened.content
    const { modules, data } = opaPolicyFiles(opened, opaFacts(audience, settings))
    const bundle = await buildOpaBundle(
      { revision: `${revision}:${digest.slice(0, DIGEST_PREFIX)}`, roots: OPA_POLICY_ROOTS, modules, data },
      { key, scope: opaScope('policy', audience.id) },
    )
    made = { from, bundle }
    return bundle
  }
}

/** The configuration of an OPA: where its bundles are and which keys sign them. */
export async function makeDiscovery(audience: AudienceSettings, parts: MakingParts): Promise<OpaBundle> {
  const { store, keys, publisher } = parts
  const records = await store.read((view) => view.keys())
  const key = await signerOf(records, parts)
  const content = opaDiscoveryContent({
    audience: audience.id,
    keys: keys.verifying(records, 'bundle'),
    newsSeconds: newsSeconds(publisher.current()?.definition, audience),
  })
  return buildOpaBundle(content, { key, scope: opaScope('discovery', audience.id) })
}

/** Those whose guards are OPAs. */
export function opaAudience(id: string, { audiences }: Pick<Settings, 'audiences'>): AudienceSettings | undefined {
  return audiences.find((audience) => audience.id === id && audience.opa)
}

const DIGEST_PREFIX = 8

/** Another authority may have rotated or killed the key a moment ago. */
async function signerOf(records: readonly KeyRecord[], { keys }: MakingParts): Promise<SigningKey> {
  const { kid } = keys.signer('bundle')
  if (!records.some((record) => record.kid === kid && record.state === 'active')) await keys.refresh()
  return keys.signer('bundle')
}
