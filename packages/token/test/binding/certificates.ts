// Two certificates that live for a hundred years, and whose keys nobody has: for what reads certificates and opens no connection.

import { X509Certificate } from 'node:crypto'

export const ONE: string = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUDGbyBDjFWFz2RmwSgWCJj5+NNp4wCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyNjE0Mzk1MFoYDzIxMjYxMTAyMTQzOTUw
WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ126HY
9vXS9al8/h45BrDEZIfMS6+qseOLA3NaI+Mp27RKKKTZwQjO15+8BcnD5NxAmHTM
hmKjpdygfpzADcIEo1MwUTAdBgNVHQ4EFgQU1gDYElw8yDQvwpHl7wu7lHnWPkAw
HwYDVR0jBBgwFoAU1gDYElw8yDQvwpHl7wu7lHnWPkAwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEAuzBS8ZEj2ALKpZvgK2TsGpGu7DfBSPDWKpCv
x1+OK60CIAn32P8QHQYStwvFhNsST8pdvEb+w3ntAWbXSm/nXbal
-----END CERTIFICATE-----
`

export const TWO: string = `-----BEGIN CERTIFICATE-----
MIIBcjCCARmgAwIBAgIUBzqy6nMo9awJThzPU0L7PjeW3SgwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDdHdvMCAXDTI2MTEyNjE0Mzk1MFoYDzIxMjYxMTAyMTQzOTUw
WjAOMQwwCgYDVQQDDAN0d28wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQlm9ps
XIDL1B4Nt5sQHhBP8KSCQKP0XMZ4vl91BYUtw6xUbbM+MkyV7psndyGtOa0Tzkdc
30cd/0yUmkdc0v+Uo1MwUTAdBgNVHQ4EFgQUSyhudMS9QshUlK02T9zLpOyYoDUw
HwYDVR0jBBgwFoAUSyhudMS9QshUlK02T9zLpOyYoDUwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNHADBEAiAiGeZHtNNT5fLhESB+smiLeOnTKCLcVb53eZ/L
77U7HgIgSlx8DknSvoMYzsmgVemz4v0ClsjoEqvmpATA3oo56B4=
-----END CERTIFICATE-----
`

export function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw
}

/** As RFC 9440 has it. */
export function clientCert(pem: string): string {
  return `:${derOf(pem).toString('base64')}:`
}
