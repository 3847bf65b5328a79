// How each kind of node is encoded: its writing and its reading side by side, in one table that the compiler proves total. A kind's
// code is for ever: a new kind takes the next one and raises `ENCODING_VERSION`.

import { extensions } from '../operator/extension/table.ts'
import type { NodeOf } from '../operator/operator.ts'
import type {
  Binary,
  Expression,
  ExpressionKind,
  ExtensionFunction,
  PatternPart,
  Span,
  Unary,
  VariableName,
} from '../syntax/tree.ts'
import type { Reader } from './reader.ts'
import { readValue, writeValue } from './value-forms.ts'
import type { Writer } from './writer.ts'

interface Form<Node extends Expression> {
  readonly code: number
  /** Everything but kind and span. */
  write(node: Node, writer: Writer): void
  read(reader: Reader, span: Span): Node
}

export function writeNode(node: Expression, writer: Writer): void {
  const form = byKind[node.kind]
  writer.integer(form.code)
  writer.span(node.span)
  writer.nested(() => form.write(node, writer))
}

/** Error: `ERR_POLICY_ENCODING_KIND` for a kind that this version does not know; the reader's own. */
export function readNode(reader: Reader): Expression {
  const form = byCode[reader.integer()] ?? reader.fail('a node of unknown kind', 'ERR_POLICY_ENCODING_KIND')
  const span = reader.span()
  return reader.nested(() => form.read(reader, span))
}

const VARIABLES: readonly VariableName[] = ['principal', 'action', 'resource', 'context']

const FUNCTIONS: { readonly [F in ExtensionFunction]: number } = {
  ip: 0,
  decimal: 1,
  datetime: 2,
  duration: 3,
  isIpv4: 4,
  isIpv6: 5,
  isLoopback: 6,
  isMulticast: 7,
  isInRange: 8,
  lessThan: 9,
  lessThanOrEqual: 10,
  greaterThan: 11,
  greaterThanOrEqual: 12,
  offset: 13,
  durationSince: 14,
  toDate: 15,
  toTime: 16,
  toMilliseconds: 17,
  toSeconds: 18,
  toMinutes: 19,
  toHours: 20,
  toDays: 21,
}
const FUNCTION_NAMES = Object.keys(FUNCTIONS).filter(isFunction)

const FORMS = {
  literal: {
    code: 0,
    write: ({ value }, writer) => writeValue(value, writer),
    read: (reader, span) => ({ kind: 'literal', value: readValue(reader), span }),
  },
  variable: {
    code: 1,
    write: ({ name }, writer) => writer.integer(VARIABLES.indexOf(name)),
    read: (reader, span) => ({ kind: 'variable', name: itemOf(VARIABLES, reader), span }),
  },
  not: unary('not', 2),
  negate: unary('negate', 3),
  isEmpty: unary('isEmpty', 4),
  and: binary('and', 5),
  or: binary('or', 6),
  equal: binary('equal', 7),
  notEqual: binary('notEqual', 8),
  less: binary('less', 9),
  lessEqual: binary('lessEqual', 10),
  greater: binary('greater', 11),
  greaterEqual: binary('greaterEqual', 12),
  add: binary('add', 13),
  subtract: binary('subtract', 14),
  multiply: binary('multiply', 15),
  in: binary('in', 16),
  contains: binary('contains', 17),
  containsAll: binary('containsAll', 18),
  containsAny: binary('containsAny', 19),
  getTag: binary('getTag', 20),
  hasTag: binary('hasTag', 21),
  if: {
    code: 22,
    write(node, writer) {
      for (const part of [node.test, node.then, node.else]) writeNode(part, writer)
    },
    read: (reader, span) => ({
      kind: 'if',
      test: readNode(reader),
      then: readNode(reader),
      else: readNode(reader),
      span,
    }),
  },
  attribute: {
    code: 23,
    write({ of, name }, writer) {
      writer.text(name)
      writeNode(of, writer)
    },
    read: (reader, span) => ({ kind: 'attribute', name: reader.text(), of: readNode(reader), span }),
  },
  has: {
    code: 24,
    write({ of, path }, writer) {
      writer.integer(path.length)
      for (const name of path) writer.text(name)
      writeNode(of, writer)
    },
    read(reader, span) {
      const path = reader.list(readText)
      if (path.length === 0) reader.fail('a `has` of no name')
      return { kind: 'has', path, of: readNode(reader), span }
    },
  },
  like: {
    code: 25,
    write({ of, pattern }, writer) {
      writer.integer(pattern.length)
      for (const part of pattern) {
        writer.integer(part.kind === 'wildcard' ? 0 : 1)
        if (part.kind === 'text') writer.text(part.text)
      }
      writeNode(of, writer)
    },
    read(reader, span) {
      const pattern = reader.list(readPart)
      return { kind: 'like', pattern, of: readNode(reader), span }
    },
  },
  is: {
    code: 26,
    write(node, writer) {
      writer.text(node.type)
      writer.integer(node.in === undefined ? 0 : 1)
      writeNode(node.of, writer)
      if (node.in !== undefined) writeNode(node.in, writer)
    },
    read(reader, span) {
      const type = reader.type()
      const hasContainer = reader.below(2) === 1
      const of = readNode(reader)
      return hasContainer ? { kind: 'is', type, of, in: readNode(reader), span } : { kind: 'is', type, of, span }
    },
  },
  set: {
    code: 27,
    write({ elements }, writer) {
      writer.integer(elements.length)
      for (const element of elements) writeNode(element, writer)
    },
    read: (reader, span) => ({ kind: 'set', elements: reader.list(readNode), span }),
  },
  record: {
    code: 28,
    write({ fields }, writer) {
      writer.integer(fields.size)
      for (const [name, field] of fields) {
        writer.text(name)
        writeNode(field, writer)
      }
    },
    read(reader, span) {
      const entries = reader.list(() => [reader.text(), readNode(reader)] as const)
      const fields = new Map(entries)
      return fields.size === entries.length
        ? { kind: 'record', fields, span }
        : reader.fail('a record with a field twice')
    },
  },
  call: {
    code: 29,
    write(node, writer) {
      writer.integer(FUNCTIONS[node.function])
      writer.integer(node.arguments.length)
      for (const argument of node.arguments) writeNode(argument, writer)
    },
    read(reader, span) {
      const name = itemOf(FUNCTION_NAMES, reader)
      const values = reader.list(readNode)
      if (values.length === 0 && extensions[name].isMethod) reader.fail('a method without a receiver')
      return { kind: 'call', function: name, arguments: values, span }
    },
  },
  fault: {
    code: 30,
    write({ code, message }, writer) {
      writer.text(code)
      writer.text(message)
    },
    read: (reader, span) => ({ kind: 'fault', code: reader.text(), message: reader.text(), span }),
  },
} satisfies { readonly [Kind in ExpressionKind]: Form<NodeOf<Kind>> }

/** A look-up by a node's own kind finds the form that takes that node: the table above was checked entry by entry. */
const byKind: { readonly [Kind in ExpressionKind]: Form<Expression> } = FORMS
const byCode: readonly Form<Expression>[] = Object.values(byKind).toSorted((left, right) => left.code - right.code)

function unary(kind: Unary['kind'], code: number): Form<Unary> {
  return {
    code,
    write: ({ operand }, writer) => writeNode(operand, writer),
    read: (reader, span) => ({ kind, operand: readNode(reader), span }),
  }
}

function binary(kind: Binary['kind'], code: number): Form<Binary> {
  return {
    code,
    write({ left, right }, writer) {
      writeNode(left, writer)
      writeNode(right, writer)
    },
    read: (reader, span) => ({ kind, left: readNode(reader), right: readNode(reader), span }),
  }
}

function isFunction(name: string): name is ExtensionFunction {
  return Object.hasOwn(FUNCTIONS, name)
}

function readText(reader: Reader): string {
  return reader.text()
}

function readPart(reader: Reader): PatternPart {
  return reader.below(2) === 0 ? { kind: 'wildcard' } : { kind: 'text', text: reader.text() }
}

function itemOf<T>(items: readonly T[], reader: Reader): T {
  return items[reader.below(items.length)] ?? reader.fail('an index beyond its list')
}
