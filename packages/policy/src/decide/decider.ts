// Whatever can decide a request: a program here, or something remote that a guard is given instead.

import type { Decision } from './decision.ts'
import type { Request } from './request.ts'

export interface Decider {
  decide(request: Request): Decision | Promise<Decision>
}
