// Hears that another authority has committed a change. It only says that there may be something to read: a message that is lost costs a
// moment, as the store is looked at regularly anyway.

import { Client } from 'pg'
import { configOf, type PostgresLocation } from './connection.ts'

const RETRY_MILLISECONDS = { first: 100, most: 2000 } as const

export interface Listener {
  close(): Promise<void>
}

export function channelOf(schema: string): string {
  return `cardea_${schema}`
}

/** `wake` is called for each message, and whenever a connection begins: something may have been missed. */
export function listen(location: PostgresLocation, wake: () => void): Listener {
  let closed = false
  let client: Client | undefined
  let retry: NodeJS.Timeout | undefined
  let wait: number = RETRY_MILLISECONDS.first

  async function connect(): Promise<void> {
    const opened = new Client(configOf(location))
    client = opened
    opened.on('notification', wake)
    opened.on('error', () => again(opened))
    opened.on('end', () => again(opened))
    try {
      await opened.connect()
      await opened.query(`LISTEN ${channelOf(location.schema)}`)
      wait = RETRY_MILLISECONDS.first
      wake()
    } catch {
      again(opened)
    }
  }

  function again(failed: Client): void {
    if (closed || client !== failed) return
    client = undefined
    failed.end().catch(() => {})
    retry = setTimeout(() => void connect(), wait)
    wait = Math.min(wait * 2, RETRY_MILLISECONDS.most)
  }

  void connect()
  return {
    async close() {
      closed = true
      clearTimeout(retry)
      await client?.end().catch(() => {})
    },
  }
}
