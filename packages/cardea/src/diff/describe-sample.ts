// An example as people read it, and as data in the formats of Cedar's tool (which `cardea authorize` reads).

import { formatEntityUid, type Value } from '@cardea/policy'
import { valueToJson } from '@cardea/policy/json'
import { formatValue } from '@cardea/policy/print'
import type { Sample, SampleEntity } from '@cardea/testkit'

/** One line a fact: who, on what, with which context and grants; then what else there is. */
export function describeSample({ principal, resource, context, entities, links }: Sample): readonly string[] {
  const find = (uid: Sample['principal']): SampleEntity | undefined =>
    entities.find((entity) => entity.uid.type === uid.type && entity.uid.id === uid.id)
  const [who, what] = [find(principal), find(resource)]
  const others = entities.filter((entity) => entity !== who && entity !== what)
  return [
    `principal  ${formatEntityUid(principal)}${factsOf(who)}`,
    `resource   ${formatEntityUid(resource)}${factsOf(what)}`,
    ...(context.size === 0 ? [] : [`context    ${fields(context)}`]),
    ...links.map((link) => `grant      ${link.template}${slot(' to ', link.principal)}${slot(' on ', link.resource)}`),
    ...others.map((entity) => `and        ${formatEntityUid(entity.uid)}${factsOf(entity)}`),
  ]
}

function factsOf(entity: SampleEntity | undefined): string {
  if (entity === undefined) return ''
  const { attributes, parents, tags } = entity
  const above = parents.length === 0 ? '' : ` in ${parents.map(formatEntityUid).join(', ')}`
  const tagged = tags.size === 0 ? '' : ` tags { ${fields(tags)} }`
  return `${above}${attributes.size === 0 ? '' : ` { ${fields(attributes)} }`}${tagged}`
}

function slot(word: string, uid: Sample['principal'] | undefined): string {
  return uid === undefined ? '' : `${word}${formatEntityUid(uid)}`
}

function fields(values: ReadonlyMap<string, Value>): string {
  return [...values].map(([name, value]) => `${name}: ${formatValue(value)}`).join(', ')
}

/** Complete: a request, its entities and its template links. Never throws: an integer beyond 2^53 is given as text. */
export function sampleAsJson(sample: Sample, actionUid: { readonly type: string; readonly id: string }): object {
  const { principal, resource, context, entities, links, nowSeconds } = sample
  const uid = ({ type, id }: Sample['principal']): object => ({ type, id })
  const named = (values: ReadonlyMap<string, Value>): object =>
    Object.fromEntries([...values].map(([name, value]) => [name, valueToJson(value)]))
  return {
    request: {
      principal: formatEntityUid(principal),
      action: formatEntityUid({ kind: 'entity', ...actionUid }),
      resource: formatEntityUid(resource),
      context: named(context),
    },
    entities: entities.map((entity) => ({
      uid: uid(entity.uid),
      attrs: named(entity.attributes),
      parents: entity.parents.map(uid),
      ...(entity.tags.size === 0 ? {} : { tags: named(entity.tags) }),
    })),
    links: links.map((link) => ({
      template_id: link.template,
      // to Cedar, a link and its template are two policies
      link_id: `${link.id}-link`,
      args: {
        ...(link.principal === undefined ? {} : { '?principal': formatEntityUid(link.principal) }),
        ...(link.resource === undefined ? {} : { '?resource': formatEntityUid(link.resource) }),
      },
    })),
    ...(nowSeconds === undefined ? {} : { now: nowSeconds }),
  }
}
