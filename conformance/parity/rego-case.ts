// A case as Rego modules: the policies as they are shipped, and the requests as terms, each decided under both rules for an erring
// forbid. The requests are in the form that the policies read, so that also what no schema would let in is compared.

import {
  compileProgram,
  decide,
  type Entities,
  type EntityUid,
  type ForbidErrors,
  type Program,
  type Request,
  type Schema,
  type TemplateLink,
  type Value,
} from '@cardea/policy'
import { parseEntitiesJson } from '@cardea/policy/json'
import {
  entityTerm,
  libraryModules,
  objectTerm,
  type OpaError,
  type OpaObject,
  rulesModule,
  schemaModule,
  setTerm,
  textTerm,
  valueTerm,
} from '@cardea/opa'
import { type Answer, answer } from '../answer.ts'
import type { Case } from '../case.ts'
import { type Prepared, prepareCase, readRequest } from '../engine.ts'
import type { SchemaReader } from '../schema.ts'
import { documentModule, expectedOfDocuments, isDocument } from './document-module.ts'

export interface RegoCase {
  readonly id: string
  /** By path in a bundle. */
  readonly modules: ReadonlyMap<string, string>
  /** `data.parity_data.scopes` under its number. */
  readonly scopes: OpaObject
  /** What is expected of each request, by rule. */
  readonly expected: readonly Expected[]
  /** What is expected of each as a document, under `deny`. Empty where there is no schema to read one by. */
  readonly documents: readonly Answer[]
}

export type Expected = { readonly [Rule in ForbidErrors]: Answer }

/** The case under its number, or why it has no exact Rego. Throws where the case itself is refused. */
export function regoCase(
  item: Case,
  number: number,
  readSchema: SchemaReader,
): RegoCase | { readonly refused: readonly OpaError[] } {
  const prepared = prepareCase(item, readSchema, CLOSURES)
  const root = rootOf(number)
  const { policies, schema } = prepared
  const links = linksOf(prepared)
  // links of the policies are rows of their own, those of a caller come with the request: both are compared
  const isCallers = number % 2 === 1
  const rules = rulesModule(
    { policies, forbidErrors: 'deny', links: isCallers ? [] : links },
    root,
    scopesRootOf(number),
  )
  if (rules.problems.length > 0) return { refused: rules.problems }
  const requests = item.requests.map((question) => readRequest(prepared, question))
  const entities = entitiesTerm(item, prepared)
  const folder = root.replaceAll('.', '/')
  const modules = new Map([
    [`${folder}/rules.rego`, rules.text],
    [`${folder}/requests.rego`, requestsModule(root, requests, entities, isCallers ? links : [])],
  ])
  const expected = requests.map((request) => expectedOf(prepared, request))
  const made = { id: item.id, modules, scopes: rules.scopes, expected }
  if (schema === undefined || !isDocument(item) || isCallers) return { ...made, documents: [] }
  for (const [path, text] of libraryModules('policy', root)) modules.set(path, text)
  modules.set(`${folder}/schema.rego`, schemaModule(schema, root))
  modules.set(`${folder}/documents.rego`, documentModule(item, root))
  const answers = expected.map(({ deny }) => deny)
  return { ...made, documents: expectedOfDocuments(item, prepared, requests, answers) }
}

/** The package of a case; `.requests.results` has a list a request: the answers under `deny` and under `skip`. */
export function rootOf(number: number): string {
  return `parity.case${number}`
}

function scopesRootOf(number: number): string {
  return `parity_data.scopes["${number}"]`
}

const CLOSURES = [{ name: 'closures', compile: compileProgram }] as const

function linksOf({ judges }: Prepared): readonly TemplateLink[] {
  return judges[0]?.program().links.all ?? []
}

function expectedOf({ judges }: Prepared, request: Request): Expected {
  const of = (rule: ForbidErrors): Answer => {
    const judge = judges.find((each) => each.rule === rule)
    if (judge === undefined) throw new TypeError('both rules have a judge')
    return decided(judge.program(), request)
  }
  return { deny: of('deny'), skip: of('skip') }
}

function decided(program: Program, request: Request): Answer {
  const { decision, determining, errors } = decide(program, request)
  return answer(
    decision,
    determining,
    errors.map(({ policy }) => policy),
  )
}

function requestsModule(
  root: string,
  requests: readonly Request[],
  entities: string,
  links: readonly TemplateLink[],
): string {
  return `package ${root}.requests

import data.cardea.cedar
import data.${root}.rules

results := [[deny, skip] |
	some request in requests
	deny := rules.decision with input as request
	skip := cedar.conclusion(rules.verdicts, "skip") with input as request
]

entities := ${entities}

links := ${linksTerm(links)}

requests := [
${requests.map((request) => `\t${requestTerm(request)},\n`).join('')}]
`
}

function requestTerm({ principal, action, resource, context }: Request): string {
  const own = Object.entries({ principal, resource }).map(
    ([name, uid]) => [name, `cedar.found(${entityTerm(uid)}, entities)`] as const,
  )
  const parts = objectTerm([
    ['principal', entityTerm(principal)],
    ['action', entityTerm(action)],
    ['resource', entityTerm(resource)],
    ['context', fieldsTerm(context)],
    ['entities', 'entities'],
    ['own', objectTerm(own)],
    ['links', 'links'],
  ])
  return `cedar.request(${parts})`
}

function entitiesTerm({ entities: json }: Case, { entities, schema }: Prepared): string {
  const uids = [...parseEntitiesJson(json ?? [], schema)].map(({ uid }) => uid)
  const all = new Map([...uids, ...actionsOf(schema)].map((uid) => [entityTerm(uid), uid]))
  const terms = [...all].map(([term, uid]) => `\t${term}: ${entityTermOf(uid, entities)},\n`)
  return `{\n${terms.join('')}}`
}

function entityTermOf(uid: EntityUid, entities: Entities): string {
  const entity = entities.get(uid)
  const ancestors = setTerm((entity?.ancestors.uids ?? []).map(entityTerm))
  const fields = (map: ReadonlyMap<string, Value> | undefined): string => fieldsTerm(map ?? new Map())
  return `{"attributes": ${fields(entity?.attributes)}, "ancestors": ${ancestors}, "tags": ${fields(entity?.tags)}}`
}

function actionsOf(schema: Schema | undefined): readonly EntityUid[] {
  return Object.values(schema?.definition.actions ?? {}).map(({ uid }) => ({ kind: 'entity', ...uid }))
}

function fieldsTerm(fields: ReadonlyMap<string, Value>): string {
  return objectTerm([...fields].map(([name, value]) => [name, valueTerm(value)]))
}

function linksTerm(links: readonly TemplateLink[]): string {
  const byTemplate = Map.groupBy(links, ({ template }) => template)
  return objectTerm([...byTemplate].map(([template, group]) => [template, `[${group.map(linkTerm).join(', ')}]`]))
}

function linkTerm({ id, principal, resource }: TemplateLink): string {
  const slots = Object.entries({ principal, resource }).flatMap(([name, uid]) =>
    uid === undefined ? [] : [`"${name}": ${entityTerm(uid)}`],
  )
  return `{${[`"id": ${textTerm(id)}`, ...slots].join(', ')}}`
}
