// Every document is true as far as a program can tell: relative links and anchors lead somewhere, the page of error codes has a
// row for each code in the sources and none that is gone. (That the code in documents compiles and runs is a test.)

import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Gate } from './gate.ts'

export const documents: Gate = {
  name: 'documents',
  async run(root) {
    const pages = await pagesOf(root)
    const findings: string[] = []
    for (const page of pages) findings.push(...(await brokenLinks(root, page)))
    findings.push(...(await errorCodes(root)))
    return { looked: pages.length, findings }
  },
}

/** All Markdown pages of the repository, as absolute paths. */
export async function pagesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/node_modules|[/\\]dist[/\\]|[/\\]\.git[/\\]/.test(file))
    .sort()
}

async function brokenLinks(root: string, page: string): Promise<string[]> {
  const text = withoutCode(await readFile(page, 'utf8'))
  const findings: string[] = []
  for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const link = match[1] ?? ''
    if (/^[a-z]+:/.test(link)) continue
    const [path, anchor] = link.split('#')
    const target = path === '' || path === undefined ? page : resolve(dirname(page), path)
    const there = await access(target).then(
      () => true,
      () => false,
    )
    if (!there) findings.push(`${relative(root, page)}: ${link} leads nowhere`)
    else if (anchor !== undefined && target.endsWith('.md') && !anchorsOf(await readFile(target, 'utf8')).has(anchor)) {
      findings.push(`${relative(root, page)}: ${link} has no such heading`)
    }
  }
  return findings
}

function withoutCode(text: string): string {
  return text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')
}

function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+\s+(.*)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  )
}

async function errorCodes(root: string): Promise<string[]> {
  const declared = new Map<string, string>()
  const packages = join(root, 'packages')
  for (const room of await readdir(packages).catch(() => [])) {
    const text = await readFile(join(packages, room, 'src', 'errors.ts'), 'utf8').catch(() => '')
    for (const code of codesIn(text)) declared.set(code, `packages/${room}/src/errors.ts`)
  }
  const page = await readFile(join(root, 'docs', 'errors.md'), 'utf8').catch(() => '')
  const documented = new Set([...page.matchAll(/^\|\s*`(ERR_[A-Z0-9_]+)`/gm)].map((match) => match[1] ?? ''))
  const missing = [...declared].filter(([code]) => !documented.has(code))
  const gone = [...documented].filter((code) => !declared.has(code))
  return [
    ...missing.map(([code, file]) => `${file}: ${code} has no row in docs/errors.md`),
    ...gone.map((code) => `docs/errors.md: ${code} is declared by no package`),
  ]
}

function codesIn(text: string): Set<string> {
  return new Set([...text.matchAll(/\b(ERR_[A-Z0-9_]+)\b/g)].map((match) => match[1] ?? ''))
}
