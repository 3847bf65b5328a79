// What a grant type is asked with: the form, the client that has authenticated, and what is proven of where it comes from.

import type { BindingRequest, KeyProof } from './binding.ts'

export interface TokenRequest extends BindingRequest, Pick<KeyProof, 'useProof'> {
  readonly correlation: string
}
