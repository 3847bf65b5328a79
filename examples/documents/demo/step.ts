// One step of the tour.

import type { Show } from './print.ts'
import type { World } from './world.ts'

export interface Step {
  readonly title: string
  run(world: World, show: Show): Promise<void>
}
