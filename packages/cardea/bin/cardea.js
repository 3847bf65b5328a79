#!/usr/bin/env node
// Plain JavaScript that any Node can parse: checks the version, then hands over.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`cardea needs Node 22.18 or newer; this is ${process.versions.node}`)
  process.exit(1)
}
const { main } = await import('#main')
process.exitCode = await main(process.argv)
