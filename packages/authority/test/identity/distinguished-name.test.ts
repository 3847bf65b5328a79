// Two spellings of a distinguished name are one; two names are never one.

import { describe, expect, test } from 'vitest'
import { isSameName, parseDistinguishedName, readSubject } from '../../src/identity/distinguished-name.ts'

/** As Node shows it. */
const SUBJECT = 'C=DE\nO=Ex\\, am\\+ple = ü\\;\\<x\\>\nOU=Billing\\\\x\nCN=billing + emailAddress=a@b.example'

const isSubject = (text: string, subject = SUBJECT): boolean => {
  const [wanted, found] = [parseDistinguishedName(text), readSubject(subject)]
  return wanted !== undefined && found !== undefined && isSameName(wanted, found)
}

describe('RFC 4514: a distinguished name', () => {
  test.each([
    ['as openssl prints it', 'emailAddress=a@b.example+CN=billing,OU=Billing\\\\x,O=Ex\\, am\\+ple = ü\\;\\<x\\>,C=DE'],
    [
      'with its pair the other way round',
      'CN=billing+EMAILADDRESS=a@b.example,OU=Billing\\\\x,O=Ex\\, am\\+ple = ü\\;\\<x\\>,C=DE',
    ],
    [
      'in hexadecimal',
      'CN=\\62illing+emailAddress=a@b.example,OU=Billing\\5Cx,O=Ex\\2C am\\2Bple = \\C3\\BC\\3B\\<x\\>,C=DE',
    ],
    [
      'with spaces behind commas',
      'cn=billing+emailAddress=a@b.example, ou=Billing\\\\x, o=Ex\\, am\\+ple = ü\\;\\<x\\>, c=DE',
    ],
  ])('is the same %s', (_name, text) => {
    expect(isSubject(text)).toBe(true)
  })

  test.each([
    ['in the other order', 'C=DE,O=Example', 'C=DE\nO=Example'],
    ['with another case', 'CN=Billing', 'CN=billing'],
    ['with one part less', 'CN=billing', 'O=Example\nCN=billing'],
    ['with one part more', 'CN=billing,O=Example', 'CN=billing'],
    ['whose value looks like two parts', 'CN=a,O=b', 'CN=a\\,O=b'],
    ['whose value looks like a pair', 'CN=a+O=b', 'CN=a\\+O=b'],
    ['whose value looks like a pair with spaces', 'CN=a + O=b', 'CN=a \\+ O=b'],
    ['whose value has an escaped line', 'CN=a,O=b', 'O=b\\0ACN=a'],
    ['whose backslash is a value', 'CN=a\\41', 'CN=a\\\\41'],
    ['of nobody', 'CN=a', ''],
  ])('is another one %s', (_name, text, subject) => {
    expect(isSubject(text, subject)).toBe(false)
  })

  test.each([
    ['', 'nothing'],
    ['billing', 'no type'],
    ['CN=', 'no value'],
    ['CN=#0403', 'a value in hexadecimal'],
    ['CN="billing"', 'quotes'],
    ['CN=a;O=b', 'another separator'],
    ['CN=a,', 'a comma at the end'],
    ['CN=a\\', 'a backslash at the end'],
    ['CN=\\FF', 'bytes that are no text'],
    ['CN=\\q', 'an escape that is none'],
  ])('%j is none: %s', (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined()
  })
})
