// What becomes of a decision whose record has no room, by its action: it is counted, it waits in a file, or an allow is not given. Read
// once, at start: a setting that means nothing would be one that is silently not applied.

import { type DecisionRecord, type DecisionReport, type Recorder, SPOOL_BYTES } from '@cardea/feed'
import { GuardError } from '../errors.ts'
import type { AuditOptions, FullAudit } from '../options.ts'

/** Gives a record its number and its place; `undefined` for an allow that must not be given, as its record cannot be kept. */
export type Recording = (report: DecisionReport) => DecisionRecord | undefined

/** Throws `ERR_GUARD_OPTIONS`. `actions`: those that the schema has. */
export function checkAudit(audit: AuditOptions, actions: ReadonlySet<string>): void {
  const { full = 'count', actions: named = {}, file, maxFileBytes } = audit
  for (const [action, value] of Object.entries(named)) {
    if (!actions.has(action)) throw wrong(`\`audit.actions\` names \`${action}\`, which the schema does not have`)
    if (!isFullAudit(value)) throw wrong(`\`audit.actions\` has a value for \`${action}\` that means nothing`)
  }
  if (!isFullAudit(full)) throw wrong('`audit.full` has a value that means nothing')
  if (file === undefined && [full, ...Object.values(named)].includes('spill')) {
    throw wrong('`spill` needs `audit.file`', 'a file of this process alone, on a disk that outlives it')
  }
  if (maxFileBytes !== undefined && !(Number.isSafeInteger(maxFileBytes) && maxFileBytes >= SPOOL_BYTES.least)) {
    throw wrong(`\`audit.maxFileBytes\` must be a whole number from ${SPOOL_BYTES.least} on`)
  }
}

/** The options were checked. Constant time. */
export function createRecording(recorder: Pick<Recorder, 'record' | 'keep'>, audit: AuditOptions = {}): Recording {
  const { full = 'count', actions = {}, file } = audit
  const byAction = new Map<string, FullAudit | undefined>(Object.entries(actions))
  return (report) => {
    const setting = byAction.get(report.action ?? '') ?? full
    if (setting === 'block' && report.decision === 'allow') return recorder.keep(report)
    // a deny is safe without its record; of an action whose allows are kept, it is kept where there is a place
    return recorder.record(report, setting === 'count' || file === undefined ? 'count' : 'spill')
  }
}

function isFullAudit(value: unknown): value is FullAudit {
  return value === 'count' || value === 'spill' || value === 'block'
}

function wrong(
  message: string,
  hint = '`count`, `spill` or `block`, for actions by their names in the schema',
): GuardError {
  return new GuardError('ERR_GUARD_OPTIONS', message, { hint })
}
