// From saving a file to the changed cells: the look that `cardea dev` takes at the policies, in one process, with everything that it waits for but the
// watcher (which lets an editor finish for 50 ms). `first` is the look at the start, `save` one after a policy changed; what is doubtful is said after
// the cells, and has a figure of its own.

import { createValidator } from '@cardea/validate'
import { loadConfig } from '../../packages/cardea/src/config/load-config.ts'
import { createCycle } from '../../packages/cardea/src/dev/cycle.ts'
import { BUSY, median, type MeasureOptions } from '../harness.ts'
import { type Figure, type Results, round } from '../report.ts'
import { makeProject } from './project.ts'

const SIZES = [100, 1000]
const SAVES = 15

/** On a busy machine the time is that of all threads of this process on a core: an upper bound, since two of them work at once. */
export async function benchDev({ measuring }: { readonly measuring: MeasureOptions }): Promise<Results> {
  const figures: Figure[] = []
  for (const size of SIZES) figures.push(...(await benchSize(size, measuring === BUSY)))
  return { figures }
}

async function benchSize(size: number, isBusy: boolean): Promise<readonly Figure[]> {
  const project = await makeProject(size)
  const validator = createValidator()
  try {
    const { config } = await loadConfig({ folder: project.folder, environment: {} })
    const cycle = createCycle(config, validator)
    const look = async (expected: number): Promise<{ readonly cells: number; readonly warnings: number }> => {
      const clock = startClock(isBusy)
      const found = await cycle.look()
      const cells = clock()
      if (found.kind !== 'good') throw new Error('the generated policies have errors')
      const flips = found.flips.newlyAllows.length + found.flips.newlyDenies.length
      if (flips !== expected) throw new Error(`${flips} cells flipped, and ${expected} should have`)
      const after = startClock(isBusy)
      found.warnings()
      return { cells, warnings: after() }
    }
    const first = await look(0)
    const saves: { readonly cells: number; readonly warnings: number }[] = []
    for (let save = 1; save <= SAVES; save += 1) {
      await project.save(save)
      saves.push(await look(1))
    }
    const figure = (name: string, value: number): Figure => {
      return { bench: 'dev', case: `${name}, ${size} policies`, subject: 'cycle', value: round(value), unit: 'ms' }
    }
    return [
      figure('first look', first.cells),
      figure('look after a save', median(saves.map(({ cells }) => cells))),
      figure('warnings after it', median(saves.map(({ warnings }) => warnings))),
    ]
  } finally {
    await validator.close()
    await project.remove()
  }
}

/** Milliseconds since it was started: on the wall, or on the cores. */
function startClock(isBusy: boolean): () => number {
  const [started, used] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(used)
    return isBusy ? (user + system) / 1000 : performance.now() - started
  }
}
