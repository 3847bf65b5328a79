// `cardea authorize`: one decision from files, with the options and file formats of Cedar's own command-line tool.
// Exit code 0 for allow, 2 for deny, 1 for an error. Cedar's rule: a policy that errs is skipped.

import {
  compileProgram,
  countProblems,
  createEntities,
  createSchema,
  type Decision,
  decide,
  formatProblem,
  type Problem,
  type Program,
  parseEntitiesJson,
  parsePolicies,
  PolicyError,
  type Policy,
  type Schema,
  type TemplateLink,
} from '@cardea/policy'
import { createValidator } from '@cardea/validate'
import { Command, Option } from 'commander'
import { CommandError } from '../errors.ts'
import { checkAgainstSchema, readLinks, readRequest } from '../input/cedar-files.ts'
import { readJson } from '../input/read-json.ts'
import { colors } from '../output/colors.ts'
import { loadSource, type SourceFile } from '../sources.ts'

interface Options {
  readonly policies: string
  readonly entities: string
  readonly requestJson?: string
  readonly principal?: string
  readonly action?: string
  readonly resource?: string
  readonly context?: string
  readonly schema?: string
  readonly templateLinked?: string
  readonly json?: boolean
}

const DENY_EXIT_CODE = 2

export function command(): Command {
  const requestJson = new Option('--request-json <file>', 'principal, action, resource and context (JSON)')
  return new Command()
    .description(
      "Decides one request from files, with the options and formats of Cedar's own tool. Exits 0 (allow), 2 (deny) or 1 (error).",
    )
    .requiredOption('-p, --policies <file>', 'the policies')
    .requiredOption('--entities <file>', 'the entities (JSON)')
    .addOption(requestJson.conflicts(['principal', 'action', 'resource', 'context']))
    .option('-l, --principal <entity>', 'the principal, e.g. User::"ann"; instead of --request-json')
    .option('-a, --action <entity>', 'the action, e.g. Action::"view"')
    .option('-r, --resource <entity>', 'the resource, e.g. Document::"plan"')
    .option('-c, --context <file>', 'the context (JSON); empty by default')
    .option('-s, --schema <file>', 'the schema; entities and context are then read by it and checked against it')
    .option('-k, --template-linked <file>', 'template links (JSON)')
    .option('--json', 'print the decision as JSON')
    .action(async (options: Options) => {
      const source = await loadSource(options.policies, 'command line')
      const policies = parsed(source)
      const schema = options.schema === undefined ? undefined : await loadSchema(options.schema)
      const links = options.templateLinked === undefined ? [] : readLinks(await readJson(options.templateLinked))
      const inputs = parseEntitiesJson(await readJson(options.entities), schema)
      const request = { ...readRequest(await loadRequest(options), schema), entities: createEntities(inputs) }
      if (schema !== undefined) checkAgainstSchema(schema, request, inputs)
      const parts = { links, ...(schema === undefined ? {} : { schema }) }
      const decision = decide(compile(source, policies, { ...parts, forbidErrors: 'skip' }), request)
      const stricter = decide(compile(source, policies, { ...parts, forbidErrors: 'deny' }), request)
      if (options.json === true)
        console.log(JSON.stringify({ ...decision, decisionUnderDeny: stricter.decision }, null, 2))
      else print(decision, stricter)
      process.exitCode = decision.decision === 'allow' ? 0 : DENY_EXIT_CODE
    })
}

function parsed(source: SourceFile): readonly Policy[] {
  const { policies, problems } = parsePolicies(source.text, { file: source.file })
  if (problems.length === 0) return policies
  throw refused(source, problems)
}

async function loadSchema(path: string): Promise<Schema> {
  const source = await loadSource(path, 'command line')
  const validator = createValidator()
  try {
    const { definition, problems } = await validator.parseSchema(source.text, source.file)
    if (definition !== undefined) return createSchema(definition)
    throw refused(source, problems)
  } finally {
    await validator.close()
  }
}

/** Prints what is wrong and returns the error that says so. */
function refused({ file, text }: SourceFile, problems: readonly Problem[]): CommandError {
  const { isColorSupported: color } = colors(process.stderr)
  for (const problem of problems) console.error(`${formatProblem(problem, text, { color })}\n`)
  return new CommandError('ERR_COMMAND_POLICY', `\`${file}\` has ${countProblems(problems)}`)
}

async function loadRequest({ requestJson, principal, action, resource, context }: Options): Promise<unknown> {
  if (requestJson !== undefined) return readJson(requestJson)
  if (principal === undefined || action === undefined || resource === undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', 'there is no request to decide', {
      hint: 'give --request-json FILE, or --principal, --action and --resource',
    })
  }
  return { principal, action, resource, ...(context === undefined ? {} : { context: await readJson(context) }) }
}

function compile(
  source: SourceFile,
  policies: readonly Policy[],
  options: {
    readonly links: readonly TemplateLink[]
    readonly schema?: Schema
    readonly forbidErrors: 'deny' | 'skip'
  },
): Program {
  try {
    return compileProgram(policies, options)
  } catch (error) {
    // an unknown template, an id that stands twice
    if (error instanceof PolicyError && error.problems.length > 0) throw refused(source, error.problems)
    throw error
  }
}

function print(decision: Decision, stricter: Decision): void {
  const { green, red, yellow, dim } = colors()
  console.log(decision.decision === 'allow' ? green('ALLOW') : red('DENY'))
  if (decision.determining.length === 0) console.log(dim('no policy applied: deny is the default'))
  for (const id of decision.determining) console.log(`  because of ${id}`)
  for (const error of decision.errors) console.log(yellow(`  ${error.policy} could not be decided: ${error.message}`))
  if (stricter.decision !== decision.decision) {
    console.error(
      yellow('warning: a forbid could not be decided. Cedar skips it, as here; a guard denies (`forbidErrors: deny`)'),
    )
  }
}
