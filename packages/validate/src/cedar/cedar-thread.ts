// The thread that holds cedar-wasm: one call at a time. After a throw the instance is broken for good, and `cedar-worker` ends the thread.

import { checkParseSchema, schemaToJsonWithResolvedTypes, validate } from '@cedar-policy/cedar-wasm/nodejs'
import { parentPort } from 'node:worker_threads'
import type { CedarAnswers, CedarCall, CedarReply } from './messages.ts'

const port = parentPort
if (port === null) throw new TypeError('this module is the entry of a worker thread')

port.on('message', (call: CedarCall) => port.postMessage(reply(call)))

function reply(call: CedarCall): CedarReply {
  try {
    return { kind: 'answer', answer: answer(call) }
  } catch {
    // the text of a trap says nothing about the input
    return { kind: 'thrown' }
  }
}

function answer(call: CedarCall): CedarAnswers[CedarCall['kind']] {
  switch (call.kind) {
    case 'schema': {
      // the translation alone does not notice types and groups that contain themselves
      const checked = checkParseSchema(call.text)
      return checked.type === 'failure' ? checked : schemaToJsonWithResolvedTypes(call.text)
    }
    case 'validate':
      return validate({
        schema: call.schema,
        policies: { staticPolicies: call.policies, templates: call.templates },
        validationSettings: { mode: 'strict' },
      })
    default:
      return call satisfies never
  }
}
