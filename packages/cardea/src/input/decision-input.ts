// One request with its policies, entities, schema and links, from the files of Cedar's own command-line tool: the options of `authorize` and
// `explain`.

import {
  compileProgram,
  createEntities,
  createSchema,
  type ForbidErrors,
  parsePolicies,
  PolicyError,
  type Policy,
  type Problem,
  type Program,
  type Request,
  type Schema,
} from '@cardea/policy'
import { parseEntitiesJson } from '@cardea/policy/json'
import { formatProblem } from '@cardea/policy/print'
import { createValidator } from '@cardea/validate'
import { type Command, Option } from 'commander'
import { CommandError } from '../errors.ts'
import { colors } from '../output/colors.ts'
import { loadSource, type SourceFile } from '../sources.ts'
import { checkAgainstSchema, readLinks, readRequest } from './cedar-files.ts'
import { readJson } from './read-json.ts'

export interface DecisionOptions {
  readonly policies?: string
  readonly entities?: string
  readonly requestJson?: string
  readonly principal?: string
  readonly action?: string
  readonly resource?: string
  readonly context?: string
  readonly schema?: string
  readonly templateLinked?: string
}

export interface DecisionInput {
  readonly source: SourceFile
  readonly request: Request
  /** @throws CommandError ERR_COMMAND_POLICY after printing what is wrong */
  readonly compile: (forbidErrors: ForbidErrors) => Program
}

/** Adds the options; the files of policies and entities are required, or one may ask in another way. */
export function addDecisionOptions(command: Command, need: 'required' | 'optional'): Command {
  const requestJson = new Option('--request-json <file>', 'principal, action, resource and context (JSON)')
  return command
    .addOption(new Option('-p, --policies <file>', 'the policies').makeOptionMandatory(need === 'required'))
    .addOption(new Option('--entities <file>', 'the entities (JSON)').makeOptionMandatory(need === 'required'))
    .addOption(requestJson.conflicts(['principal', 'action', 'resource', 'context']))
    .option('-l, --principal <entity>', 'the principal, e.g. User::"ann"; instead of --request-json')
    .option('-a, --action <entity>', 'the action, e.g. Action::"view"')
    .option('-r, --resource <entity>', 'the resource, e.g. Document::"plan"')
    .option('-c, --context <file>', 'the context (JSON); empty by default')
    .option('-s, --schema <file>', 'the schema; entities and context are then read by it and checked against it')
    .option('-k, --template-linked <file>', 'template links (JSON)')
}

/** Reads and checks everything. @throws CommandError, PolicyError */
export async function loadDecision(options: DecisionOptions): Promise<DecisionInput> {
  const { policies: file, entities } = options
  if (file === undefined || entities === undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', 'there are no policies to ask, or no entities', {
      hint: 'give --policies FILE and --entities FILE',
    })
  }
  const source = await loadSource(file, 'command line')
  const policies = parsed(source)
  const schema = options.schema === undefined ? undefined : await loadSchema(options.schema)
  const links = options.templateLinked === undefined ? [] : readLinks(await readJson(options.templateLinked))
  const inputs = parseEntitiesJson(await readJson(entities), schema)
  const request = { ...readRequest(await loadRequest(options), schema), entities: createEntities(inputs) }
  if (schema !== undefined) checkAgainstSchema(schema, request, inputs)
  return {
    source,
    request,
    compile(forbidErrors) {
      try {
        return compileProgram(policies, { links, forbidErrors, ...(schema === undefined ? {} : { schema }) })
      } catch (error) {
        // an unknown template, an id that stands twice
        if (error instanceof PolicyError && error.problems.length > 0) throw refused(source, error.problems)
        throw error
      }
    },
  }
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
  const errors = problems.length === 1 ? 'an error' : `${problems.length} errors`
  return new CommandError('ERR_COMMAND_POLICY', `\`${file}\` has ${errors}`)
}

async function loadRequest({ requestJson, principal, action, resource, context }: DecisionOptions): Promise<unknown> {
  if (requestJson !== undefined) return readJson(requestJson)
  if (principal === undefined || action === undefined || resource === undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', 'there is no request to decide', {
      hint: 'give --request-json FILE, or --principal, --action and --resource',
    })
  }
  return { principal, action, resource, ...(context === undefined ? {} : { context: await readJson(context) }) }
}
