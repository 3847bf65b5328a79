// The quick suite, cheapest and strongest first: a planted fault is caught by the first check that fails.

import { byHand } from './by-hand.ts'
import { scenarios, tables } from './cases.ts'
import type { Check } from './check.ts'
import { entities } from './entities.ts'
import { expressions } from './expressions.ts'
import { hostile } from './hostile.ts'
import { links } from './links.ts'
import { many } from './many.ts'
import { order } from './order.ts'
import { remembered } from './remembered.ts'
import { residuals } from './residual.ts'
import { rows } from './rows.ts'
import { unfolded } from './unfolded.ts'
import { values } from './values.ts'

export const CHECKS: readonly Check[] = [
  values,
  entities,
  hostile,
  rows,
  byHand,
  remembered,
  expressions,
  scenarios,
  many,
  order,
  unfolded,
  links,
  tables,
  residuals,
]
