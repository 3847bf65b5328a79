// Processes of their own that answer questions: servers, and guards by the hundred. Each has its own heap and its own thread.

import { fork } from 'node:child_process'

export interface ChildProcess {
  /** Throws what the child threw, as text. */
  ask<T>(question: string, argument?: unknown): Promise<T>
  /** Ends it, and resolves when it is gone. */
  stop(): Promise<void>
}

interface Question {
  readonly id: number
  readonly question: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** Not on the command line, which everybody can read: it may hold the address of a database. */
const ARGUMENT = 'CARDEA_BENCH_ARGUMENT'

/** What a child answers, by question. */
export type Answers = Readonly<Record<string, (argument: never) => unknown>>

/** Runs a module of ours that calls `answerQuestions`. What it writes to standard output goes nowhere, as a log would. */
export function startChild(module: string, argument: unknown = {}): ChildProcess {
  const child = fork(new URL(module, import.meta.url), [], {
    execArgv: ['--expose-gc', '--conditions=@cardea/source'],
    env: { ...process.env, NODE_ENV: 'production', [ARGUMENT]: JSON.stringify(argument) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const gone = Promise.withResolvers<void>()
  let asked = 0
  child.on('message', ({ id, answer, error }: Answer) => {
    const asker = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asker?.resolve(answer)
    else asker?.reject(new Error(`${module}: ${error}`))
  })
  child.on('exit', (code) => {
    for (const asker of waiting.values()) asker.reject(new Error(`${module} ended with ${code}`))
    waiting.clear()
    gone.resolve()
  })
  return {
    ask<T>(question: string, argument?: unknown): Promise<T> {
      const asker = Promise.withResolvers<unknown>()
      asked += 1
      waiting.set(asked, asker)
      child.send({ id: asked, question, argument } satisfies Question)
      return asker.promise as Promise<T>
    },
    async stop() {
      if (child.connected) child.disconnect()
      await gone.promise
    },
  }
}

/** In the child: what it was started with. */
export function childArgument(): unknown {
  return JSON.parse(process.env[ARGUMENT] ?? '{}')
}

/** In the child: answers until the parent lets go of it, then runs `end` and exits. */
export function answerQuestions(answers: Answers, end: () => Promise<void>): void {
  const answerTo = async ({ id, question, argument }: Question): Promise<Answer> => {
    try {
      const run = answers[question] as ((argument: unknown) => unknown) | undefined
      if (run === undefined) throw new Error(`nobody answers \`${question}\``)
      return { id, answer: await run(argument) }
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
  }
  process.on('message', (question: Question) => {
    void answerTo(question).then((answer) => process.send?.(answer))
  })
  process.on('disconnect', () => {
    void end().finally(() => process.exit(0))
  })
}

/** Nanoseconds of the machine's monotonic clock, which is one for all its processes. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint())
}

/** What all threads of this process have had of a core. */
export function coreNanoseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}
