// The current revision as it is used: parsed, indexed, with the plan of each audience.

import type { ClaimsPlan } from '@cardea/claims'
import { createSchema, type Policy, parsePolicySources, type Schema, type SchemaDefinition } from '@cardea/policy'
import type { AudienceSettings } from '../options.ts'
import type { SourceText } from '../store/records.ts'
import type { Store } from '../store/store.ts'

export interface Published {
  readonly revision: number
  readonly schemaText: SourceText
  readonly sources: readonly SourceText[]
  readonly definition: SchemaDefinition
  readonly schema: Schema
  readonly policies: readonly Policy[]
  readonly forbidErrors: 'deny' | 'skip'
  readonly digest: string
  readonly createdBy: string
  readonly createdAtSeconds: number
  /** The plan that tokens are packed with, by audience. */
  readonly plans: ReadonlyMap<string, ClaimsPlan>
  /** The ids of the keys that its bundles are signed with. */
  readonly signedBy: ReadonlySet<string>
  /** Ids of the templates that can be granted. */
  readonly grantable: ReadonlySet<string>
  /** Of the templates with `@until`: every grant of them ends. */
  readonly ending: ReadonlySet<string>
}

export async function loadPublished(
  store: Store,
  audiences: readonly AudienceSettings[],
): Promise<Published | undefined> {
  const [record, bundles] = await store.read(async (view) => {
    const found = []
    for (const { id } of audiences) found.push(await view.bundle(id))
    return [await view.publication(), found] as const
  })
  if (record === undefined) return undefined
  const definition: SchemaDefinition = JSON.parse(record.definition)
  const { policies } = parsePolicySources(record.policies)
  return {
    revision: record.revision,
    schemaText: record.schema,
    sources: record.policies,
    definition,
    schema: createSchema(definition),
    policies,
    forbidErrors: record.forbidErrors,
    digest: record.digest,
    createdBy: record.createdBy,
    createdAtSeconds: record.createdAtSeconds,
    plans: new Map(
      bundles
        .filter((bundle) => bundle?.revision === record.revision)
        .map((bundle) => [bundle?.audience ?? '', JSON.parse(bundle?.plan ?? '')]),
    ),
    signedBy: new Set(bundles.flatMap((bundle) => (bundle === undefined ? [] : [keyIdOf(bundle.jws)]))),
    grantable: new Set(
      policies
        .filter(({ effect, slots }) => effect === 'permit' && slots.includes('principal') && slots.includes('resource'))
        .map(({ id }) => id),
    ),
    ending: new Set(policies.filter(({ annotations }) => annotations.has('until')).map(({ id }) => id)),
  }
}

/** Of what was signed here. */
function keyIdOf(jws: string): string {
  const { kid }: { readonly kid: string } = JSON.parse(Buffer.from(jws.split('.', 1)[0] ?? '', 'base64url').toString())
  return kid
}
