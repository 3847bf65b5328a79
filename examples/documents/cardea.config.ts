// Where the rules of the document service are.

import { defineConfig } from 'cardea'

export default defineConfig({
  schema: 'policy/schema.cedarschema',
  policies: 'policy',
  tests: 'policy/policy.test.yaml',
  generated: 'schema.gen.ts',
  mappings: 'access.ts',
})
