// What the tests of this package sign, publish and compare.

import { defineSchema, parsePolicySources, policyDigest } from '@cardea/policy'
import { createLocalKeys, generateSigningKey, type KeySource, publicJwk, type SigningKey } from '@cardea/token'
import { buildBundle, type BundleParts, type BundlePlan, type FeedView, type PublishedContent } from '../src/index.ts'

const schema = defineSchema({
  entities: {
    User: { parents: [], attributes: { level: { type: 'Long' } } },
    Document: { parents: [], attributes: {} },
  },
  actions: {
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {},
    },
  },
})

export const plan: BundlePlan = {
  digest: 'planplanplanplanplanpl',
  principals: { User: { attributes: [{ path: ['level'], restrictive: false }], ancestors: [] } },
  templates: ['viewer'],
}

/** Whose bundles these are. */
export const AUDIENCE = 'https://documents.example'
/** The whole log. */
export const VIEW: FeedView = { id: undefined, tenants: undefined, subjectKey: 'k'.repeat(43) }

/** 2026-09-21T14:13:20Z, in seconds. */
export const NOON = 1_790_000_000

const SOURCES = [
  { file: 'policies.cedar', text: '@id("all") permit (principal, action, resource) when { principal.level > 1 };' },
]
const SCHEMA_SOURCE = { file: 'schema.cedarschema', text: 'entity User { level: Long };' }
const DIGEST = await policyDigest(SOURCES, SCHEMA_SOURCE.text)

/** A whole bundle; the program is that of the policies unless it is given. */
export function contentOf(changes: Partial<BundleParts> = {}): PublishedContent {
  const policies = changes.policies ?? SOURCES
  return buildBundle({
    producer: 'test 1.0.0',
    revision: 1,
    notAfterSeconds: NOON + 86_400,
    audience: AUDIENCE,
    forbidErrors: 'deny',
    schema,
    schemaSource: SCHEMA_SOURCE,
    policies,
    program: parsePolicySources(policies).policies,
    plans: [plan],
    digest: DIGEST,
    ...changes,
  })
}

export const bundleKey: SigningKey = await generateSigningKey('ES256', { kid: 'bundle-1' })
export const strangerKey: SigningKey = await generateSigningKey('ES256', { kid: 'bundle-1' })
export const tokenKey: SigningKey = await generateSigningKey('ES256', { kid: 'token-1' })
export const bundleKeys: KeySource = createLocalKeys({ keys: [publicJwk(bundleKey)] })

/** The code of the error that the work throws or rejects with, or `none`. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  return 'none'
}
