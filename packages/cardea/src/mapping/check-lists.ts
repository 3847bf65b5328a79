// Whether the policies can be asked for lists: those that no query can express are refused before they are published, each with its
// place, and not when somebody asks for the list. And what the mappings leave out. They come from a module of the user's, loaded in
// a thread.

import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Policy, Problem, SchemaDefinition } from '@cardea/policy'
import { lintPolicies, type Supply } from '@cardea/validate'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { CommandError } from '../errors.ts'

/** What the thread is started with. */
export interface MappingTask {
  readonly url: string
  readonly policies: readonly Policy[]
  readonly definition: SchemaDefinition
  /** Names of the actions that are asked for lists; all of them if left out. */
  readonly actions: readonly string[] | undefined
}

export type MappingReply =
  | { readonly kind: 'checked'; readonly problems: readonly Problem[]; readonly supply: Supply }
  | { readonly kind: 'failed'; readonly reason: string }

/** Importing somebody's module may never end: one that opens a connection, say. */
const LIMIT_MILLISECONDS = 15_000

/** All problems of policies that are otherwise without errors; none if no mappings are configured. @throws CommandError ERR_COMMAND_CONFIG */
export async function checkLists(
  mappings: EffectiveConfig['mappings'],
  policies: readonly Policy[],
  definition: SchemaDefinition,
): Promise<readonly Problem[]> {
  if (mappings === undefined) return []
  const { module, actions } = mappings
  const reply = await ask({ url: pathToFileURL(module).href, policies, definition, actions })
  if (reply.kind === 'checked') return [...reply.problems, ...lintPolicies(policies, definition, reply.supply)]
  throw new CommandError(
    'ERR_COMMAND_CONFIG',
    `the mappings of \`${relative(process.cwd(), module)}\` cannot be checked: ${reply.reason}`,
    { hint: 'the module exports what `mapEntity` makes, from the schema that `cardea generate` writes' },
  )
}

async function ask(task: MappingTask): Promise<MappingReply> {
  const thread = new Worker(new URL(import.meta.resolve('#mapping-thread')), {
    name: 'mappings',
    workerData: task,
    // what the module prints is not an answer of this command
    stdout: true,
  })
  thread.stdout.pipe(process.stderr)
  try {
    return await replyOf(thread)
  } finally {
    await thread.terminate()
  }
}

function replyOf(thread: Worker): Promise<MappingReply> {
  return new Promise((resolve) => {
    const fail = (reason: string): void => resolve({ kind: 'failed', reason })
    const timer = setTimeout(
      () => fail(`it was not loaded within ${LIMIT_MILLISECONDS / 1000} seconds`),
      LIMIT_MILLISECONDS,
    )
    thread.once('message', resolve)
    thread.once('error', (error) => fail(error instanceof Error ? error.message : 'it failed'))
    thread.once('exit', () => {
      clearTimeout(timer)
      fail('it ended the thread that loads it')
    })
  })
}
