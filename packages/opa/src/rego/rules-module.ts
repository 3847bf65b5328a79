// The policies as one module and one table: what each makes of a request, which of them a request is about, and the decision that follows.

import { createHash } from 'node:crypto'
import { type ForbidErrors, type Policy, type TemplateLink } from '@cardea/policy'
import { type OpaJson, type OpaObject, printOpaJson } from '../bundle/opa-json.ts'
import { OpaError } from '../errors.ts'
import { policyRule } from './policy-rule.ts'
import { scopeTable } from './scope-table.ts'

export interface RulesInput {
  readonly policies: readonly Policy[]
  readonly forbidErrors: ForbidErrors
  /** Links that always count; the caller's own come with the request. They have no end. */
  readonly links?: readonly TemplateLink[]
  /** The texts of the policies, for the comments. */
  readonly sources?: readonly { readonly file: string; readonly text: string }[]
}

export interface RulesModule {
  readonly text: string
  /** The data. Without them, or with those of other policies, the module decides nothing. */
  readonly scopes: OpaObject
  /** `ERR_OPA_CONSTRUCT` for each policy that has no exact form; then the text lacks it and must not be used. */
  readonly problems: readonly OpaError[]
}

/** The module `<root>.rules`, which reads its scopes at `data.<scopesRoot>`. Cost: linear in the policies. */
export function rulesModule(input: RulesInput, root: string, scopesRoot: string): RulesModule {
  const { policies, forbidErrors, links = [], sources = [] } = input
  const texts = new Map(sources.map(({ file, text }) => [file, text]))
  const textOf = ({ span: { file, start, end } }: Policy): string | undefined => texts.get(file)?.slice(start, end)
  const problems: OpaError[] = []
  const rules = policies.map((policy, place) => {
    try {
      return policyRule(policy, place, textOf(policy))
    } catch (error) {
      if (!(error instanceof OpaError)) throw error
      problems.push(error)
      return ''
    }
  })
  const table = scopeTable(policies, links)
  const digest = digestOf(table)
  return {
    text: [
      head(root, scopesRoot, forbidErrors, digest),
      ...(policies.length === 0 ? ['outcomes := {}\n'] : []),
      ...rules,
    ].join('\n'),
    scopes: { digest, table },
    problems,
  }
}

function digestOf(table: OpaJson): string {
  return createHash('sha256').update(printOpaJson(table)).digest('base64url')
}

function head(root: string, scopesRoot: string, forbidErrors: ForbidErrors, digest: string): string {
  return `# Cedar policies as Rego, made by Cardea. Each says in its outcome what it makes of the request: true, false, or nothing where it errs.
package ${root}.rules

import data.cardea.cedar
import data.${scopesRoot} as scopes

decision := cedar.conclusion(verdicts, "${forbidErrors}")

# What those say that the request is about. Scopes are data, found by the actions and the entities that they name.
verdicts := {[row.place, id, row.effect, outcomes[row.policy]] |
	some action in input.places.action
	some side in ["principal", "resource"]
	some entity in input.places[side]
	some row in scopes.table[action[0]][action[1]][side][entity[0]][entity[1]]
	some id in cedar.ids_in_scope(row)
} if {
	scopes.digest == "${digest}"
}

# Their entities. One that is not there has no attributes: to read one is an error.
principal := input.own.principal

resource := input.own.resource
`
}
