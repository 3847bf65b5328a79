// The request and template-link files of Cedar's command-line tool.

import {
  checkEntity,
  checkRequest,
  type EntityInput,
  entityUid,
  type EntityUid,
  formatEntityUid,
  parseEntityUid,
  PolicyError,
  type Request,
  type Schema,
  type TemplateLink,
  type Value,
} from '@cardea/policy'
import { valueFromJson } from '@cardea/policy/json'
import { z } from 'zod'
import { CommandError } from '../errors.ts'

const reference = z.union([z.string(), z.strictObject({ type: z.string(), id: z.string() })])

const requestFile = z.strictObject({
  principal: reference,
  action: reference,
  resource: reference,
  context: z.record(z.string(), z.unknown()).default({}),
})

const linksFile = z.array(
  z.strictObject({
    template_id: z.string(),
    link_id: z.string(),
    args: z.strictObject({ '?principal': z.string().optional(), '?resource': z.string().optional() }),
  }),
)

/** `{ "principal": "User::\"ann\"", "action": ..., "resource": ..., "context": {} }`. @throws CommandError ERR_COMMAND_INPUT */
export function readRequest(json: unknown, schema: Schema | undefined): Omit<Request, 'entities'> {
  const file = checked(requestFile, json, 'the request file')
  const action = uid(file.action)
  const types = schema?.action(action)?.context
  const context = new Map<string, Value>()
  for (const [name, value] of Object.entries(file.context)) {
    try {
      context.set(name, valueFromJson(value, types?.[name]))
    } catch (cause) {
      if (!(cause instanceof PolicyError)) throw cause
      throw new CommandError('ERR_COMMAND_INPUT', `the context's \`${name}\`: ${cause.message}`, { cause })
    }
  }
  return { principal: uid(file.principal), action, resource: uid(file.resource), context }
}

/** Everything that the schema says of the request and of the entities, as Cedar's tool checks it. @throws CommandError ERR_COMMAND_INPUT */
export function checkAgainstSchema(schema: Schema, request: Request, inputs: readonly EntityInput[]): void {
  const entities = inputs.flatMap(({ uid }) => request.entities.get(uid) ?? [])
  const problems = [
    ...checkRequest(schema, request).map(({ message }) => message),
    ...entities.flatMap((entity) =>
      checkEntity(schema, entity).map(({ message }) => `\`${formatEntityUid(entity.uid)}\`: ${message}`),
    ),
  ]
  const [first, ...others] = problems
  if (first === undefined) return
  const more = others.length === 0 ? {} : { hint: `and: ${others.slice(0, MAX_SHOWN).join('; ')}` }
  throw new CommandError('ERR_COMMAND_INPUT', `the request does not fit the schema: ${first}`, more)
}

const MAX_SHOWN = 10

/** `[{ "template_id": ..., "link_id": ..., "args": { "?principal": "User::\"ann\"" } }]`. @throws CommandError ERR_COMMAND_INPUT */
export function readLinks(json: unknown): TemplateLink[] {
  return checked(linksFile, json, 'the template-link file').map(({ template_id, link_id, args }) => ({
    id: link_id,
    template: template_id,
    ...(args['?principal'] === undefined ? {} : { principal: uid(args['?principal']) }),
    ...(args['?resource'] === undefined ? {} : { resource: uid(args['?resource']) }),
  }))
}

function checked<T extends z.ZodType>(shape: T, json: unknown, what: string): z.output<T> {
  const result = shape.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue === undefined || issue.path.length === 0 ? '' : `\`${issue.path.join('.')}\`: `
  throw new CommandError('ERR_COMMAND_INPUT', `${what} is not valid: ${place}${issue?.message.toLowerCase() ?? ''}`)
}

function uid(value: string | { readonly type: string; readonly id: string }): EntityUid {
  if (typeof value !== 'string') return entityUid(value.type, value.id)
  const parsed = parseEntityUid(value)
  if (parsed !== undefined) return parsed
  throw new CommandError('ERR_COMMAND_INPUT', `\`${value}\` is not an entity`, { hint: 'write it as Type::"id"' })
}
