// Command: the clock moves, mostly on, sometimes back.

import type { Command } from './real.ts'

export function move(seconds: number): Command {
  return {
    check: () => true,
    toString: () => `the clock moves by ${seconds} s`,
    async run(model, { world }) {
      world.clock.seconds += seconds
      model.latest = Math.max(model.latest, world.clock.seconds)
    },
  }
}
