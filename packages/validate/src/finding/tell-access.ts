// Attributes and tags that are not there, or perhaps not there.

import type { Expression, Problem, Span } from '@cardea/policy'
import { before, endOf, type Finding, instead, type Told } from './finding.ts'
import { attributesOf } from './types.ts'

/** `attribute ... not found`. `name` is the last name of the path, `type` the entity type, absent for context and records. */
export function tellUnknownAttribute(finding: Finding, name: string, type: string | undefined): Told {
  const { node, definition, types } = finding
  const holder = node?.kind === 'attribute' && node.name === name ? node.of : undefined
  const holders = holder === undefined ? [] : types.of(holder)
  const known = holders.map((each) => Object.keys(attributesOf(each, definition) ?? {}))
  const names = [...new Set(known.flat())].filter((each) => each !== name)
  const place = nameSpan(finding, name)
  const what = describeHolder(finding, holder, type)
  const elsewhere = holders.find((each) => Object.hasOwn(attributesOf(each, definition) ?? {}, name))
  const others: Pick<Problem, 'hint' | 'suggestion'> =
    elsewhere?.type === 'Entity' && holder !== undefined
      ? {
          hint: `\`${elsewhere.name}\` has one; ask for the type first: \`${finding.textOf(holder.span)} is ${elsewhere.name} && ...\``,
        }
      : holder?.kind === 'variable' && holder.name === 'action'
        ? { hint: 'actions have no attributes' }
        : instead(name, names, place, 'attributes')
  return {
    code: 'ERR_VALIDATE_ATTRIBUTE',
    message: `${what} has no attribute \`${name}\``,
    span: place,
    label: 'not in the schema',
    ...others,
  }
}

/** `unable to guarantee safety of access to optional attribute`. */
export function tellOptional(finding: Finding, name: string, type: string | undefined): Told {
  // Cedar may point at an access around it, or at the whole call
  const access = findAccess(finding.node, name) ?? finding.node
  const holder = access?.kind === 'attribute' ? access.of : undefined
  const place = access === undefined ? finding.span : nameSpan({ ...finding, node: access }, name)
  const message = `the attribute \`${name}\` of ${describeHolder(finding, holder, type)} may be absent`
  const base = {
    code: 'ERR_VALIDATE_OPTIONAL',
    message,
    span: place,
  } as const
  if (holder === undefined) return { ...base, hint: `ask first whether it is there: \`... has ${name} && ...\`` }
  return {
    ...base,
    label: 'not there for every request',
    ...askFirst(finding, access, `${finding.textOf(holder.span)} has ${nameText(name)}`),
  }
}

/** `unable to guarantee safety of access to tag`. `tag` is its name as Cedar writes it. */
export function tellTag(finding: Finding, tag: string, type: string): Told {
  const { node, definition, span } = finding
  if (definition.entities[type]?.tags === undefined) {
    const hint = `declare them in the schema: \`entity ${type} tags String;\``
    return { code: 'ERR_VALIDATE_TAG', message: `\`${type}\` has no tags`, span, hint }
  }
  const base = {
    code: 'ERR_VALIDATE_OPTIONAL',
    message: `the tag \`${tag}\` of \`${type}\` may be absent`,
    span,
  } as const
  if (node?.kind !== 'getTag') return base
  const asked = `${finding.textOf(node.left.span)}.hasTag(${finding.textOf(node.right.span)})`
  return { ...base, label: 'not there for every request', ...askFirst(finding, node, asked) }
}

/** The question that makes the access safe, put before the comparison that the access stands in. */
function askFirst(
  finding: Finding,
  access: Expression | undefined,
  question: string,
): Pick<Problem, 'hint' | 'suggestion'> {
  const hint = `ask first whether it is there: \`${question} && ...\``
  const path = access === undefined ? [] : [finding.node, ...finding.around].filter((node) => node !== undefined)
  const index = path.findIndex((node) => JOINING.has(node.kind))
  const term = path[index === -1 ? path.length - 1 : index - 1]
  return term === undefined ? { hint } : { hint, suggestion: { span: before(term.span), text: `${question} && ` } }
}

/** Where a part may become a conjunction without parentheses. */
const JOINING: ReadonlySet<Expression['kind']> = new Set(['and', 'or', 'if'])

function findAccess(node: Expression | undefined, name: string): Expression | undefined {
  if (node === undefined || (node.kind === 'attribute' && node.name === name)) return node
  if (node.kind === 'attribute' || node.kind === 'has') return findAccess(node.of, name)
  return node.kind === 'call' ? findAccess(node.arguments[0], name) : undefined
}

function describeHolder({ types, textOf }: Finding, holder: Expression | undefined, type: string | undefined): string {
  const [first] = holder === undefined ? [] : types.of(holder)
  if (type !== undefined && first?.type !== 'Record') return `\`${type}\``
  if (holder?.kind === 'variable' && holder.name === 'context') return 'the context'
  const entity = holder === undefined ? undefined : types.describe(holder)
  if (entity?.startsWith('`') === true) return entity
  return holder === undefined ? 'the record' : `the record \`${textOf(holder.span)}\``
}

/** The name alone, without what it is read of. */
function nameSpan({ node, span, textOf }: Finding, name: string): Span {
  if (node?.kind !== 'attribute') return span
  const text = textOf(node.span)
  if (text.endsWith(name)) return endOf(node.span, name.length)
  const quoted = `"${name}"]`
  return text.endsWith(quoted) ? { ...endOf(node.span, quoted.length - 1), end: node.span.end - 2 } : span
}

function nameText(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name)
}
