// One name for a set of policies: generated code, bundles and guards tell by it whether they mean the same policies.
// The package has no dependency on Node's modules; WebCrypto is there in Node, in browsers and in workers.

export interface PolicySource {
  /** Relative to the policy folder, with `/`. */
  readonly file: string
  readonly text: string
}

/** The text that is hashed: files by name in code unit order, so that the order of reading does not matter. Exact otherwise. */
export function digestSources(sources: readonly PolicySource[]): string {
  const files = sources.map(({ file, text }) => [file, text] as const)
  return JSON.stringify(files.toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)))
}

/** `sha256:<hex>` over the policies, with their file names, and the schema's text. */
export async function policyDigest(sources: readonly PolicySource[], schemaText: string): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([digestSources(sources), schemaText]))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

declare const crypto: { readonly subtle: { digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer> } }
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
