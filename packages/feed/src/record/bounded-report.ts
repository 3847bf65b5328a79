// A report whose texts the authority takes. One that it does not take is refused with its batch, so whoever could name a thing with an
// endless id would take the records of others out of the audit, and everything that is done to that thing.

import { createHash } from 'node:crypto'
import type { DecisionReport } from './decision-record.ts'

/** The bounds of `POST /v1/decisions`. */
export const MAX_TEXT = 1000
export const MAX_POLICIES = 100

const KEPT_OF_A_LONG_TEXT = 900
const CONTROL = /\p{Cc}/u

/** The same object where all fits, which is nearly always: this runs for every decision. */
export function boundedReport(report: DecisionReport): DecisionReport {
  return isBounded(report) ? report : cut(report)
}

/** A text whole where it fits; else its beginning and its digest, so that two long texts stay apart. Control characters are replaced. */
export function boundedText(text: string): string {
  const shown = text.replaceAll(/\p{Cc}/gu, '\u{fffd}')
  if (shown === text && text.length <= MAX_TEXT) return text
  const digest = createHash('sha256').update(text).digest('base64url')
  return `${shown.slice(0, KEPT_OF_A_LONG_TEXT).replace(/[\u{d800}-\u{dbff}]$/u, '')}... sha256:${digest}`
}

function isBounded({ principal, tenant, resource, tokenId, sid, correlation, policies }: DecisionReport): boolean {
  return (
    fits(principal) &&
    fits(tenant) &&
    fits(resource) &&
    fits(tokenId) &&
    fits(sid) &&
    fits(correlation) &&
    policies.length <= MAX_POLICIES &&
    policies.every(fits)
  )
}

function fits(text: string | undefined): boolean {
  return text === undefined || (text.length <= MAX_TEXT && !CONTROL.test(text))
}

function cut(report: DecisionReport): DecisionReport {
  const texts = Object.entries(report).map(([name, value]) => [
    name,
    typeof value === 'string' ? boundedText(value) : value,
  ])
  const policies = report.policies.slice(0, MAX_POLICIES).map(boundedText)
  const left = report.policies.length - MAX_POLICIES
  if (left > 0) policies[MAX_POLICIES - 1] = `and ${left + 1} more`
  return { ...report, ...Object.fromEntries(texts), policies }
}
