// Where a guard's entities come from, as far as a project says. It holds the principal of the token, the resource that the handler
// loaded and the context, and no other entity.

export interface Supply {
  /** How the identity provider's claims become the principal. Left out: tokens are made for the policies and hold what they read. */
  readonly principal?: SuppliedPrincipal
  /** How rows become resources, by type. A type without a mapping may have everything. */
  readonly resources?: ReadonlyMap<string, SuppliedResource>
}

export interface SuppliedPrincipal {
  readonly type: string
  readonly attributes: ReadonlySet<string>
  /** Types of entities that it can be in. */
  readonly ancestors: ReadonlySet<string>
  readonly hasTenant: boolean
}

export interface SuppliedResource {
  readonly attributes: ReadonlySet<string>
  readonly ancestors: ReadonlySet<string>
}
