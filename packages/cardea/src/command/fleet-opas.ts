// The OPAs in `cardea fleet`: a row for each bundle of each.

import { z } from 'zod'
import { formatDuration } from '../output/duration.ts'
import { formatTable } from '../output/table.ts'

const bundleShape = z.looseObject({
  name: z.string(),
  kind: z.string(),
  revision: z.string().nullable(),
  currentRevision: z.string().nullable(),
  activatedAt: z.string().nullable(),
  behind: z.number().nullable(),
  ageSeconds: z.number().nullable(),
  rolledBackFrom: z.string().nullable(),
  errors: z.array(z.string()),
})

export const opaShape = z.looseObject({
  client: z.string(),
  instance: z.string(),
  version: z.string().nullable(),
  address: z.string().nullable(),
  seenSecondsAgo: z.number(),
  bundles: z.array(bundleShape),
  logErrors: z.array(z.string()),
})

type Opa = z.output<typeof opaShape>
type Bundle = z.output<typeof bundleShape>

export function formatOpas(opas: readonly Opa[], now: number): string {
  return formatTable(
    ['client', 'OPA', 'version', 'bundle', 'since', 'revision', 'behind', 'age', 'errors', 'seen', 'address'],
    opas.flatMap((opa) => rowsOf(opa, now)),
  )
}

/** Who it is stands in the first. */
function rowsOf(opa: Opa, now: number): readonly (readonly string[])[] {
  const { client, instance, version, address, seenSecondsAgo, bundles, logErrors } = opa
  const seen = [`${formatDuration(seenSecondsAgo)} ago`, address ?? '']
  const log = logErrors.length === 0 ? [] : [['decision logs', '', '', '', '', logErrors.join(', ')]]
  const rows = [...bundles.map((bundle) => bundleCells(bundle, now)), ...log]
  if (rows.length === 0) rows.push(['none', '', '', '', '', ''])
  return rows.map((cells, index) =>
    index === 0 ? [client, shortOf(instance), version ?? '', ...cells, ...seen] : ['', '', '', ...cells],
  )
}

function bundleCells(bundle: Bundle, now: number): readonly string[] {
  const { name, activatedAt, behind, ageSeconds, errors } = bundle
  return [
    name,
    activatedAt === null ? '' : formatDuration(Math.max(0, now - Date.parse(activatedAt) / 1000)),
    revisionOf(bundle),
    behind === null ? '' : String(behind),
    ageSeconds === null ? '' : formatDuration(ageSeconds),
    errors.join(', '),
  ]
}

/** A stock OPA names each start of it, as long as a guard does. */
function shortOf(instance: string): string {
  return /^[\da-f]{8}-[\da-f-]{27}$/.test(instance) ? instance.slice(0, 8) : instance
}

/** What it was before it became older is what an operator must see. */
function revisionOf({ revision, currentRevision, behind, rolledBackFrom }: Bundle): string {
  if (revision === null) return 'NONE'
  const of = currentRevision !== null && behind !== null && behind > 0 ? ` of ${currentRevision}` : ''
  return `${revision}${of}${rolledBackFrom === null ? '' : `, BACK FROM ${rolledBackFrom}`}`
}
