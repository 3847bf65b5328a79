// `cardea authorize`: one decision from files, with the options and file formats of Cedar's own command-line tool.
// Exit code 0 for allow, 2 for deny, 1 for an error. Cedar's rule: a policy that errs is skipped.

import { type Decision, decide } from '@cardea/policy'
import { Command } from 'commander'
import { addDecisionOptions, type DecisionOptions, loadDecision } from '../input/decision-input.ts'
import { colors } from '../output/colors.ts'
import { exitCodeOf, warnOfStricter } from '../output/decision.ts'

interface Options extends DecisionOptions {
  readonly json?: boolean
}

export function command(): Command {
  const described = new Command().description(
    "Decides one request from files, with the options and formats of Cedar's own tool. Exits 0 (allow), 2 (deny) or 1 (error).",
  )
  return addDecisionOptions(described, 'required')
    .option('--json', 'print the decision as JSON')
    .action(async (options: Options) => {
      const { request, compile } = await loadDecision(options)
      const decision = decide(compile('skip'), request)
      const stricter = decide(compile('deny'), request)
      if (options.json === true)
        console.log(JSON.stringify({ ...decision, decisionUnderDeny: stricter.decision }, null, 2))
      else {
        print(decision)
        warnOfStricter(decision, stricter)
      }
      process.exitCode = exitCodeOf(decision)
    })
}

function print(decision: Decision): void {
  const { green, red, yellow, dim } = colors()
  console.log(decision.decision === 'allow' ? green('ALLOW') : red('DENY'))
  if (decision.determining.length === 0) console.log(dim('no policy applied: deny is the default'))
  for (const id of decision.determining) console.log(`  because of ${id}`)
  for (const error of decision.errors) console.log(yellow(`  ${error.policy} could not be decided: ${error.message}`))
}
