// The validator: Cedar's own, in a thread that survives being broken. Only where policy is built; a service never needs it.

import type { Problem } from '@cardea/policy'
import { RememberingWorker } from './cedar/remembering-worker.ts'
import { checkAll, type CheckedSources, type CheckOptions, lintChecked, type Sources } from './check/check-sources.ts'
import type { Source } from './check/source.ts'
import { parseSchema, type ParsedSchema } from './schema/parse-schema.ts'
import { SCHEMA_LIMITS, type SchemaLimits } from './schema/schema-limits.ts'

export interface ValidatorOptions {
  /** For one call of Cedar; default 30 000. */
  readonly timeLimitMilliseconds?: number
  readonly limits?: Partial<SchemaLimits>
}

/**
 * Problems of sources are values. A call rejects only with `ERR_VALIDATE_CLOSED`. Calls are answered in order.
 * Cost: 100 ms for the first call, then about 0.2 ms a policy that was not in the last call with this schema, in another thread.
 */
export interface Validator {
  /** A schema's definition, or its problems. `file` names the text in their spans; default `schema.cedarschema`. */
  parseSchema(text: string, file?: string): Promise<ParsedSchema>
  /** Policies and schema together: everything of `parsePolicies` and `parseSchema`, ids over all files, strict validation. */
  check(sources: Sources, options?: CheckOptions): Promise<CheckedSources>
  /** The problems that `check` finds. */
  validate(sources: {
    readonly schemaText: string
    readonly schemaFile?: string
    readonly sources: readonly Source[]
  }): Promise<readonly Problem[]>
  /** Ends the thread. Calls that wait are rejected. */
  close(): Promise<void>
}

/** A validator. Its thread starts with the first call and does not keep the process alive. */
export function createValidator(options: ValidatorOptions = {}): Validator {
  const limits = { ...SCHEMA_LIMITS, ...options.limits }
  const worker = new RememberingWorker({
    timeLimitMilliseconds: options.timeLimitMilliseconds ?? DEFAULT_TIME_LIMIT_MILLISECONDS,
  })
  async function check(sources: Sources, { lint = true }: CheckOptions = {}): Promise<CheckedSources> {
    const checked = await checkAll(worker, sources, limits)
    return lint ? lintChecked(checked) : checked
  }
  return {
    check,
    parseSchema: (text, file = DEFAULT_FILE) => parseSchema(worker, text, file, limits),
    async validate({ schemaText, schemaFile = DEFAULT_FILE, sources }) {
      const { problems } = await check({ schema: { file: schemaFile, text: schemaText }, policies: sources })
      return problems
    },
    close: () => worker.close(),
  }
}

/** The same as `validator.check`. */
export function checkSources(sources: Sources, validator: Validator, options?: CheckOptions): Promise<CheckedSources> {
  return validator.check(sources, options)
}

const DEFAULT_FILE = 'schema.cedarschema'
const DEFAULT_TIME_LIMIT_MILLISECONDS = 30_000
