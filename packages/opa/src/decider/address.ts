// Where an OPA may be: https, or this machine. The question names people and what they do, and the answer opens a door.

import { OpaError } from '../errors.ts'

/** After URL parsing, every spelling of an IPv4 address is dotted decimal. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** `url` with `/v1/data/` and the path, which is `app/allow` or `data.app.allow`. Throws `ERR_OPA_URL`. */
export function dataAddress(url: string, path: string): string {
  const base = URL.parse(url)
  const isPlain =
    base !== null && base.username === '' && base.password === '' && base.hash === '' && base.search === ''
  if (!isPlain || (base.protocol !== 'https:' && !(base.protocol === 'http:' && LOOPBACK.test(base.hostname)))) {
    throw new OpaError('ERR_OPA_URL')
  }
  return `${base.href.replace(/\/$/, '')}/v1/data/${segmentsOf(path).map(encodeURIComponent).join('/')}`
}

/** What is empty, or would be another address, is no path of data. */
function segmentsOf(path: string): readonly string[] {
  const segments = path.startsWith('data.') ? path.slice(5).split('.') : path.replace(/^\//, '').split('/')
  if (segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..' && segment.isWellFormed())) {
    return segments
  }
  throw new OpaError('ERR_OPA_URL', 'the path of the rule is not like `app/allow`')
}
