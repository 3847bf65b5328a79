// A gate looks at the repository and lists what is wrong. A gate that looked at nothing has failed.

export interface GateResult {
  /** How many things it looked at (files, packages, links ...). */
  readonly looked: number
  /** What is wrong, one finding a line; empty when all is well. */
  readonly findings: readonly string[]
}

export interface Gate {
  readonly name: string
  /** Looks at the repository whose root folder is given. */
  run(root: string): Promise<GateResult>
}

/** Whether a result lets a change through. */
export function passes(result: GateResult): boolean {
  return result.looked > 0 && result.findings.length === 0
}
