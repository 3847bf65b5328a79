// The requests of a case as documents, the way a service asks: Cedar's JSON, which the generated schema module checks and reads. What
// does not fit the schema must be refused, so every request has an expected answer.

import { checkEntity, checkRequest, type Request } from '@cardea/policy'
import { parseEntitiesJson } from '@cardea/policy/json'
import { textTerm } from '@cardea/opa'
import { type Answer, answer } from '../answer.ts'
import type { Case } from '../case.ts'
import type { Prepared } from '../engine.ts'

/** What a request gets that does not fit. */
const REFUSED: Answer = answer('deny', [], [''])

/** `results` has the answer to each request, under the rule that the policies were compiled with. */
export function documentModule(item: Case, root: string): string {
  return `package ${root}.documents

import data.${root} as asked

results := [decision |
	some request in requests
	decision := asked.decision with input as object.union(request, {"entities": entities})
]

entities := ${jsonTerm(item.entities ?? [])}

requests := [
${item.requests.map(({ principal, action, resource, context = {} }) => `\t${jsonTerm({ principal, action, resource, context })},\n`).join('')}]
`
}

/** The answers if the documents fit, else the refusal. */
export function expectedOfDocuments(
  item: Case,
  { schema, entities }: Prepared,
  requests: readonly Request[],
  answers: readonly Answer[],
): readonly Answer[] {
  if (schema === undefined) return []
  const own = [...parseEntitiesJson(item.entities ?? [], schema)].filter(({ uid }) => schema.action(uid) === undefined)
  const areWhole = own.every(({ uid }) => {
    const entity = entities.get(uid)
    return entity !== undefined && checkEntity(schema, entity).length === 0
  })
  return requests.map((request, index) =>
    areWhole && checkRequest(schema, request).length === 0 ? (answers[index] ?? REFUSED) : REFUSED,
  )
}

/** Cases name entities as objects or as texts; a document has objects alone. */
export function isDocument(item: Case): boolean {
  return item.requests.every(({ principal, action, resource }) =>
    [principal, action, resource].every((uid) => typeof uid === 'object'),
  )
}

/** JSON is Rego, but for what cannot be seen, and with Longs by their digits. */
function jsonTerm(json: unknown): string {
  if (typeof json === 'string') return textTerm(json)
  if (typeof json !== 'object' || json === null) return String(json)
  if (Array.isArray(json)) return `[${json.map(jsonTerm).join(', ')}]`
  const members = Object.entries(json)
  const [[name, digits] = []] = members
  if (members.length === 1 && name === '__long' && typeof digits === 'string') return digits
  return `{${members.map(([key, value]) => `${textTerm(key)}: ${jsonTerm(value)}`).join(', ')}}`
}
