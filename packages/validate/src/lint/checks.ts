// Every check, in the order of its findings. The code says what it means (`VALIDATE_ERRORS`); all of them warn.

import type { Check } from './check/check.ts'
import { covered } from './check/covered.ts'
import { forbidTemplate } from './check/forbid-template.ts'
import { neverApplies } from './check/never-applies.ts'
import { same } from './check/same.ts'
import { sensitive } from './check/sensitive.ts'
import { unloaded } from './check/unloaded.ts'
import { unmapped } from './check/unmapped.ts'

export const CHECKS: readonly Check[] = [neverApplies, covered, same, unloaded, unmapped, forbidTemplate, sensitive]
