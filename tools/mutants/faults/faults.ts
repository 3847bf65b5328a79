// All faults, by the part of the engine that they break.

import type { Fault } from '../fault.ts'
import { OPERATOR_FAULTS } from './operators.ts'

export const FAULTS: readonly Fault[] = [...OPERATOR_FAULTS]
