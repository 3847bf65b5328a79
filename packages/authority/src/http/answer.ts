// The small forms that answers share.

import { formatPosition, type Position } from '@cardea/feed'

/** Every write says where it stands in the log, so that a later request can ask for nothing older (`Cardea-At-Least`). */
export function writeHeaders(position: Position): Record<string, string> {
  return { 'cardea-position': formatPosition(position), 'cache-control': 'no-store' }
}

export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
