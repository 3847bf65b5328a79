// All faults, by the part of the engine that they break.

import type { Fault } from '../fault.ts'
import { CODEGEN_FAULTS } from './codegen.ts'
import { DECIDING_FAULTS } from './deciding.ts'
import { ENTITY_FAULTS } from './entities.ts'
import { OPERATOR_FAULTS } from './operators.ts'
import { RESIDUAL_FAULTS } from './residual.ts'
import { VALUE_FAULTS } from './values.ts'

export const FAULTS: readonly Fault[] = [
  VALUE_FAULTS,
  ENTITY_FAULTS,
  OPERATOR_FAULTS,
  CODEGEN_FAULTS,
  DECIDING_FAULTS,
  RESIDUAL_FAULTS,
].flat()
