// The policies of the reference workload as an authority publishes them, which is what Rego is made of.

import { createPlan } from '@cardea/claims'
import { buildBundle, type CompiledBundle, compileBundle, type PublishedContent } from '@cardea/feed'
import type { OpaFacts } from '@cardea/opa'
import { createSchema, parsePolicies } from '@cardea/policy'
import type { CedarWorkload } from '../decide/workload.ts'

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://documents.example'

export const FACTS: OpaFacts = {
  issuer: ISSUER,
  principalType: 'User',
  clientType: 'Client',
  maxLifetimeSeconds: 300,
}

export const POLICY_FILE = 'policies.cedar'

export type Published = CompiledBundle<PublishedContent>

export function policyText({ policies }: CedarWorkload): string {
  return policies.map(({ text }) => text).join('\n')
}

/** The bundle in revision 1. Nothing of it ends while anybody measures. */
export function publishedOf(workload: CedarWorkload): Published {
  const text = policyText(workload)
  const schema = createSchema(workload.schema)
  const { policies } = parsePolicies(text, { file: POLICY_FILE })
  const content = buildBundle({
    producer: 'bench',
    digest: 'sha256:0',
    forbidErrors: 'deny',
    schema: workload.schema,
    schemaSource: { file: 'schema.cedarschema', text: '' },
    policies: [{ file: POLICY_FILE, text }],
    program: policies,
    plans: [createPlan({ policies, schema })],
    revision: 1,
    notAfterSeconds: 4_000_000_000,
    audience: AUDIENCE,
  })
  return compileBundle(content)
}

/** The same policies under another number. */
export function revisionOf({ content, ...compiled }: Published, revision: number): Published {
  return { ...compiled, content: { ...content, revision } }
}
