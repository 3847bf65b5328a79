// What an operator is told of the way to the authority: the feed, and the records that go back.

import type { FeedError, FeedLogEntry } from '@cardea/feed'
import type { GuardLog } from '../log.ts'
import { causeText, type OperatorLog } from '../operator-log.ts'

/** A fault of the feed comes back with every try, which is often: it is said once a minute. */
export function logFeed(log: GuardLog, operator: OperatorLog, { level, message, code, cause }: FeedLogEntry): void {
  if (level !== 'warn') {
    log[level](message, code === undefined ? {} : { code })
    return
  }
  operator.warn(`${code ?? ''} ${message}`, message, {
    ...(code === undefined ? {} : { code }),
    cause: causeText(cause),
    hint:
      FEED_HINTS.get(code ?? '') ??
      'the guard tries again by itself; `cardea doctor` looks at the way to the authority',
  })
}

export function logRecording(operator: OperatorLog, error: FeedError): void {
  const { code, hint = 'they wait, and are sent when the authority takes them; what has no room is counted' } = error
  operator.warn(code, 'decision records could not be sent or kept', { code, cause: causeText(error), hint })
}

const FEED_HINTS: ReadonlyMap<string, string> = new Map([
  ['ERR_FEED_REFUSED', 'is this client enrolled as a guard of the audience, and is its secret the present one?'],
  ['ERR_FEED_BUNDLE_SIGNATURE', 'is `bundleKeys` what this authority answers at `/v1/bundle-keys`?'],
  ['ERR_FEED_BUNDLE_VERSION', 'update this service, or publish from the release that it has'],
  [
    'ERR_FEED_AUDIT_CONTRADICTED',
    'run `cardea audit verify`, and keep a copy of the database: somebody may have changed it by hand',
  ],
  [
    'ERR_FEED_STATE',
    'the guard waits for its authority as if there were no state, and writes a new one; was the disk full?',
  ],
  ['ERR_FEED_STATE_FOREIGN', 'give every guard a `stateFile` of its own'],
  [
    'ERR_FEED_STATE_AHEAD',
    'the clock of this machine was set back, so that nobody knows how old the state is; the guard waits for its authority',
  ],
  ['ERR_FEED_STATE_FILE', '`stateFile` must be a file that this service alone can read and write (mode 600)'],
  ['ERR_FEED_ROLLBACK', 'the database of the authority went back: start it with `restored: true`'],
])
