// That what `size` and `types` measure can still be built.

import { createValidator } from '@cardea/validate'
import { describe, expect, it } from 'vitest'
import { benchSize } from '../size/size.ts'
import { programText, schemaText, USED } from '../types/program.ts'

describe('size', () => {
  it('bundles the package for a browser, the part smaller than the whole', async () => {
    const { figures = [] } = await benchSize()
    const sizeOf = (name: string): number => figures.find((figure) => figure.case === name)?.value ?? Number.NaN
    expect(sizeOf('parse and decide')).toBeGreaterThan(5000)
    expect(sizeOf('index')).toBeGreaterThan(sizeOf('parse and decide'))
    expect(sizeOf('index, minified')).toBeGreaterThan(sizeOf('index'))
    expect(sizeOf('index + codegen')).toBeGreaterThan(sizeOf('index'))
    // what a browser may be asked to download
    expect(sizeOf('index')).toBeLessThan(40_000)
  })
})

describe('types', () => {
  it('has as many entity types and actions as it says, and a program for those of the small schema', async () => {
    const validator = createValidator()
    const { definition, problems } = await validator.parseSchema(schemaText(40, 100))
    await validator.close()
    expect(problems).toEqual([])
    expect(Object.keys(definition?.entities ?? {})).toHaveLength(40)
    expect(Object.keys(definition?.actions ?? {})).toHaveLength(100)
    expect(programText().match(/auth\.authorize/g)).toHaveLength(USED.actions - 2)
  })
})
