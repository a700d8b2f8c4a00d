import { expect, test } from 'vitest'
import { isSecretKey, maskSecrets } from '../../core/secret.ts'

test.each([
  'token',
  'apiToken',
  'accessTokens',
  'password',
  'PASSWORD',
  'client_secret',
  'privateKey',
  'api-key',
  'Authorization',
])('%s is a key of a secret', (key) => {
  expect(isSecretKey(key)).toBe(true)
})

test.each(['key', 'tokenFile', 'name', 'passwordPolicy', 'monkey', 'privateKeyPath'])('%s is none', (key) => {
  expect(isSecretKey(key)).toBe(false)
})

test('secrets are replaced wherever they stand, the longest first', () => {
  const text = 'a abcdef b abcd, abcdef.'
  expect(maskSecrets(text, ['abcd', 'abcdef'])).toBe('a *** b ***, ***.')
})

test('characters that mean something to an expression are themselves', () => {
  expect(maskSecrets('x a.c+[1]$ y abc', ['a.c+[1]$'])).toBe('x *** y abc')
})

test('a secret is masked in an address and in JSON, too', () => {
  const secret = 'p/s "s" \\ x'
  const forms = [`https://host.example/?t=${encodeURIComponent(secret)}&a=1`, JSON.stringify({ secret })]
  expect(forms.map((text) => maskSecrets(text, [secret]))).toEqual([
    'https://host.example/?t=***&a=1',
    '{"secret":"***"}',
  ])
})

test('of a key of several lines every line is masked', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END KEY-----'
  const masked = maskSecrets('line 9w0BAQEFAASCBKcwggSj of MIIEvQIBADANBgkqhkiG', [`${key}\n`])
  expect(masked).toBe('line *** of ***')
  expect(maskSecrets(`<${key}>`, [`${key}\n`])).toBe('<***>')
})

test('no secrets and short ones change nothing', () => {
  expect(maskSecrets('abc', [])).toBe('abc')
  expect(maskSecrets('abc', ['', 'a', 'abc'])).toBe('abc')
})
