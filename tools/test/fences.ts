// The code in documents: found in its pages, and compiled where the workspace's packages are at hand.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { runCommand } from '../command.ts'
import { pagesOf } from '../gate/documents.ts'
import { ROOT } from './plant.ts'

export interface Fence {
  readonly page: string
  /** Of its first line of code, counted from 1. */
  readonly line: number
  /** The first word behind the three marks; empty for a picture. */
  readonly language: string
  readonly text: string
  /** The folder that a comment `<!-- with: FOLDER -->` before the fence names. */
  readonly context: string | undefined
  /** The last line of text before the fence. */
  readonly before: string
}

const FENCE = /^(?:<!-- with: (?<context>\S+) -->\n+)?```(?<language>[^\s`]*)[^\n`]*\n(?<text>[\s\S]*?)^```$/gm

/** All fences of a page, in order. */
export function fencesIn(page: string, text: string): Fence[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const { context, language = '', text: code = '' } = match.groups ?? {}
    const before = text.slice(0, match.index + match[0].length - code.length - '```'.length)
    const said = text.slice(0, match.index).trimEnd().split('\n').at(-1) ?? ''
    return { page, line: before.split('\n').length, language, text: code, context, before: said }
  })
}

/** The fences of all pages of the repository. */
export async function loadFences(): Promise<Fence[]> {
  const pages = await pagesOf(ROOT)
  const found = await Promise.all(
    pages.map(async (page) => fencesIn(relative(ROOT, page), await readFile(page, 'utf8'))),
  )
  return found.flat()
}

/**
 * Compiles TypeScript fences of one context as one project and gives what the compiler says, empty when nothing. Each is a
 * module at its own line of a file that is named after its page, so that a finding names page and line.
 */
export async function compileFences(fences: readonly Fence[]): Promise<string> {
  // inside the repository, where the packages and their `@cardea/source` condition are found; git ignores it
  const folder = join(ROOT, '.cardea', 'documents')
  await mkdir(folder, { recursive: true })
  const project = await mkdtemp(join(folder, 'run-'))
  try {
    for (const fence of fences) await writeFile(join(project, fileOf(fence)), moduleOf(fence, project))
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(COMPILER))
    return (await runCommand('tsc', ['-p', project, '--pretty', 'false'], ROOT)).output.trim()
  } finally {
    await rm(project, { recursive: true, force: true })
  }
}

/** Runs a TypeScript fence as a program of its own, from the sources of the workspace, and gives what it prints. */
export async function runFence(fence: Fence): Promise<{ readonly code: number; readonly output: string }> {
  const folder = join(ROOT, '.cardea', 'documents')
  await mkdir(folder, { recursive: true })
  const project = await mkdtemp(join(folder, 'run-'))
  try {
    const file = join(project, fileOf(fence))
    await writeFile(file, moduleOf(fence, project))
    return await runCommand('node', ['--conditions=@cardea/source', file], ROOT)
  } finally {
    await rm(project, { recursive: true, force: true })
  }
}

const COMPILER = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    noEmit: true,
    moduleDetection: 'force',
    types: ['node'],
    // a fence shows a part: what it names need not be used in it
    noUnusedLocals: false,
    isolatedDeclarations: false,
    declaration: false,
    declarationMap: false,
    rewriteRelativeImportExtensions: false,
  },
  include: ['*.ts'],
}

function fileOf({ page, line }: Fence): string {
  return `${page.replaceAll('/', '--')}.${line}.ts`
}

/** The code at its own line, with relative imports turned to the folder of its context. */
function moduleOf({ text, line, context }: Fence, project: string): string {
  const code = text.replaceAll(/(\bfrom |\bimport\(?\s?)'(\.\.?\/[^']+)'/g, (whole, keyword: string, path: string) => {
    if (context === undefined) return whole
    return `${keyword}'${relative(project, resolve(ROOT, context, path))}'`
  })
  return `${'\n'.repeat(line - 1)}${code}`
}
