// The surroundings of a guard, with defaults filled in: clock, ids, log, fetch, how conditions are run, and whether this is
// development.

import { randomUUID } from 'node:crypto'
import { closures, compileProgram, type Evaluator } from '@cardea/policy'
import { type Schedule, systemNow, systemSchedule } from './clock.ts'
import { GuardError } from './errors.ts'
import { createStderrLog, type GuardLog } from './log.ts'
import type { GuardOptions } from './options.ts'

export interface Setting {
  readonly development: boolean
  readonly service: string
  readonly log: GuardLog
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly schedule: Schedule
  readonly createId: () => string
  /** It works here. */
  readonly evaluator: Evaluator
}

/** Throws `ERR_GUARD_DEVELOPMENT`, `ERR_GUARD_OPTIONS`. */
export function settingOf(options: GuardOptions, environment: string | undefined = process.env['NODE_ENV']): Setting {
  if (typeof options.audience !== 'string' || options.audience === '') {
    throw new GuardError('ERR_GUARD_OPTIONS', '`audience` is required')
  }
  const development = options.development ?? environment === 'development'
  if (development && environment === 'production') throw new GuardError('ERR_GUARD_DEVELOPMENT')
  return Object.freeze({
    development,
    service: options.service ?? options.audience,
    log: options.log ?? createStderrLog(),
    fetch: options.fetch ?? globalThis.fetch,
    now: options.now ?? systemNow,
    schedule: options.schedule ?? systemSchedule,
    createId: options.createId ?? randomUUID,
    evaluator: workingEvaluator(options.evaluator ?? closures),
  })
}

/** Tried now: with an authority it would be found out only by the first bundle, which is then asked for again and again. */
function workingEvaluator(evaluator: Evaluator): Evaluator {
  try {
    compileProgram([], { evaluator })
    return evaluator
  } catch (cause) {
    throw new GuardError('ERR_GUARD_OPTIONS', `the evaluator \`${evaluator.name}\` cannot work here`, {
      cause,
      hint: 'leave `evaluator` out: closures run where no code may be made',
    })
  }
}
