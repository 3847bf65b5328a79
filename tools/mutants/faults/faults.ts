// All faults, by the part of the engine that they break.

import type { Fault } from '../fault.ts'
import { CODEGEN_FAULTS } from './codegen.ts'
import { DECIDING_FAULTS } from './deciding.ts'
import { ENTITY_FAULTS } from './entities.ts'
import { LEAVING_FAULTS } from './leaving.ts'
import { OPERATOR_FAULTS } from './operators.ts'
import { READING_FAULTS } from './reading.ts'
import { REMEMBERED_FAULTS } from './remembered.ts'
import { RESIDUAL_FAULTS } from './residual.ts'
import { VALUE_FAULTS } from './values.ts'

export const FAULTS: readonly Fault[] = [
  beginningWith(['values', 'remembered', 'many'], REMEMBERED_FAULTS),
  beginningWith(['rows', 'residual'], RESIDUAL_FAULTS),
  beginningWith(['rows', 'residual'], LEAVING_FAULTS),
  beginningWith(['remembered'], DECIDING_FAULTS),
  beginningWith(['remembered'], CODEGEN_FAULTS),
  ENTITY_FAULTS,
  OPERATOR_FAULTS,
  READING_FAULTS,
  VALUE_FAULTS,
].flat()

function beginningWith(first: readonly string[], faults: readonly Fault[]): readonly Fault[] {
  return faults.map((fault) => ({ ...fault, first }))
}
