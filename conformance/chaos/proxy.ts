// A network between guards and one authority that can be cut, slow, or hold everything back for a while.

import { connect, createServer, type Server, type Socket } from 'node:net'

export type Weather = 'fine' | 'cut' | 'slow' | 'buffering'

export interface Proxy {
  readonly url: string
  /** Where it leads to; changes when an authority comes back on another port. */
  lead(port: number): void
  set(weather: Weather): void
  close(): Promise<void>
}

const SLOW_MILLISECONDS = 300

export async function createProxy(): Promise<Proxy> {
  let target: number | undefined
  let weather: Weather = 'fine'
  const pairs = new Set<readonly [Socket, Socket]>()
  /** What waits while everything is held back, in order. */
  let held: (() => void)[] = []

  const server = createServer((near) => {
    if (target === undefined || weather === 'cut') {
      near.destroy()
      return
    }
    const far = connect(target, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => pass(() => !to.destroyed && to.write(data)))
      from.on('end', () => pass(() => !to.destroyed && to.end()))
      from.on('error', end)
      from.on('close', () => pass(end))
    }
  })

  function pass(step: () => void): void {
    if (weather === 'buffering') held.push(step)
    else if (weather === 'slow') setTimeout(step, SLOW_MILLISECONDS)
    else step()
  }

  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    lead(next) {
      target = next
    },
    set(next) {
      weather = next
      if (next === 'cut') for (const pair of pairs) for (const socket of pair) socket.destroy()
      if (next === 'buffering') return
      const waiting = held
      held = []
      for (const step of waiting) step()
    },
    close: () =>
      new Promise((resolve) => {
        for (const pair of pairs) for (const socket of pair) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
