import { defineConfig } from 'cardea'

export default defineConfig({ policies: 'policy', schema: 'policy/schema.cedarschema' })
