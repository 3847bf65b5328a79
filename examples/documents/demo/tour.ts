// The tour, in order.

import { copied } from './steps/05-copied.ts'
import { forgeries } from './steps/08-forgeries.ts'
import { grant } from './steps/03-grant.ts'
import { log } from './steps/12-log.ts'
import { mistakes } from './steps/10-mistakes.ts'
import { outage } from './steps/11-outage.ts'
import { publish } from './steps/09-publish.ts'
import { python } from './steps/13-python.ts'
import { read } from './steps/02-read.ts'
import { revoke } from './steps/06-revoke.ts'
import { rotate } from './steps/07-rotate.ts'
import { stepUp } from './steps/04-step-up.ts'
import { token } from './steps/01-token.ts'
import type { Step } from './step.ts'

export const TOUR: readonly Step[] = [
  token,
  read,
  grant,
  stepUp,
  copied,
  revoke,
  rotate,
  forgeries,
  publish,
  mistakes,
  outage,
  log,
  python,
]
