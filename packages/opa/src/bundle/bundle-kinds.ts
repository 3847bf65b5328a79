// The three bundles of an audience, and what the signature of each says that it is for: none passes for another, nor for that of another
// audience.

export const OPA_BUNDLE_KINDS = ['policy', 'news', 'discovery'] as const

export type OpaBundleKind = (typeof OPA_BUNDLE_KINDS)[number]

/** The `scope` of a signature. */
export function opaScope(kind: OpaBundleKind, audience: string): string {
  return `cardea:${kind}:${audience}`
}

/** Where it is, under the address of the service. */
export function opaResource(kind: OpaBundleKind, audience: string): string {
  return `bundles/${kind}?audience=${encodeURIComponent(audience)}`
}
