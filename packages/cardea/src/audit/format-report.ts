// What was found in the audit, for people: first whether it is whole.

import type { AuditReport } from '@cardea/feed'
import { colors } from '../output/colors.ts'
import { counted } from '../output/counted.ts'
import { printable } from '../output/printable.ts'

export function formatReport({ records, erased, checkpoints, vouchedFor, head, findings }: AuditReport): string {
  const { bold } = colors()
  const last = head?.count ?? 0
  const about = [
    `${counted(records, 'records')} up to record ${last}, ${erased} of them erased; ${counted(checkpoints, 'checkpoints')}`,
    vouchedFor >= last
      ? 'a signed checkpoint vouches for all of them'
      : `a signed checkpoint vouches for those up to record ${vouchedFor}`,
  ]
  if (findings.length === 0) return [bold('whole'), ...about].join('\n')
  const found = findings.map(({ fault, message }) => `${fault}: ${printable(message)}`)
  return [bold(`NOT WHOLE: ${counted(findings.length, 'findings')}`), ...found, ...about].join('\n')
}
