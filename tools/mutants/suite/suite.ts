// The quick suite, cheapest and strongest first: a planted fault is caught by the first check that fails.

import { scenarios, tables } from './cases.ts'
import type { Check } from './check.ts'
import { entities } from './entities.ts'
import { hostile } from './hostile.ts'
import { links } from './links.ts'
import { order } from './order.ts'
import { residuals } from './residual.ts'
import { unfolded } from './unfolded.ts'
import { values } from './values.ts'

export const CHECKS: readonly Check[] = [
  values,
  entities,
  hostile,
  unfolded,
  scenarios,
  order,
  links,
  tables,
  residuals,
]
