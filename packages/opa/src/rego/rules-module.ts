// The policies as one module: a verdict a policy, and the decision that follows.

import { type ForbidErrors, type Policy, type Schema, type TemplateLink } from '@cardea/policy'
import { OpaError } from '../errors.ts'
import { policyRules } from './policy-rule.ts'

export interface RulesInput {
  readonly policies: readonly Policy[]
  /** Absent: groups of actions are what each request's entities say. */
  readonly schema?: Schema | undefined
  readonly forbidErrors: ForbidErrors
  /** Links that always count; the caller's own come with the request. They have no end. */
  readonly links?: readonly TemplateLink[]
  /** The texts of the policies, for the comments. */
  readonly sources?: readonly { readonly file: string; readonly text: string }[]
}

export interface RulesModule {
  readonly text: string
  /** `ERR_OPA_CONSTRUCT` for each policy that has no exact form; then the text lacks it and must not be used. */
  readonly problems: readonly OpaError[]
}

/** The module `<root>.rules`. Cost: linear in the policies. */
export function rulesModule(input: RulesInput, root: string): RulesModule {
  const { policies, schema, forbidErrors, links = [], sources = [] } = input
  const texts = new Map(sources.map(({ file, text }) => [file, text]))
  const setting = {
    schema,
    links,
    textOf: ({ span: { file, start, end } }: Policy) => texts.get(file)?.slice(start, end),
  }
  const problems: OpaError[] = []
  const rules = policies.map((policy, place) => {
    try {
      return policyRules(policy, place, setting)
    } catch (error) {
      if (!(error instanceof OpaError)) throw error
      problems.push(error)
      return ''
    }
  })
  const isEmpty = !rules.some((rule) => rule.includes('verdicts contains '))
  return {
    text: [head(root, forbidErrors), ...(isEmpty ? ['verdicts := set()\n'] : []), ...rules].join('\n'),
    problems,
  }
}

function head(root: string, forbidErrors: ForbidErrors): string {
  return `# Cedar policies as Rego, made by Cardea. Each says in its verdict what it makes of the request: true, false, or nothing where it errs.
package ${root}.rules

import data.cardea.cedar

decision := cedar.conclusion(verdicts, "${forbidErrors}")

# Their entities. One that is not there has no attributes: to read one is an error.
principal := input.own.principal

resource := input.own.resource
`
}
