import { expect, test } from 'vitest'
import { consoleChannel } from '../../../alerts/channels/console.ts'
import { expectGolden } from './golden.ts'
import { goldenMessages, ioOf, named, nastyNames } from './samples.ts'

function printer() {
  const printed: string[] = []
  const { make } = consoleChannel((text) => void printed.push(text))
  return { printed, notifier: make('console', {}) }
}

test.each(Object.entries(goldenMessages))('prints %s as the golden file does', async (which, message) => {
  const { printed, notifier } = printer()
  expect(await notifier.send(message, ioOf())).toBeUndefined()
  expectGolden(`console-${which}`, printed.join('').split('\n'))
})

test.each(nastyNames)('prints nothing of %j that a terminal would obey', async (name) => {
  const { printed, notifier } = printer()
  await notifier.send(named(name), ioOf())
  expect(printed.join('').replaceAll('\n', '')).not.toMatch(/\p{Cc}|[\u202A-\u202E]/u)
})

test('is always there', async () => {
  expect(await printer().notifier.check(ioOf())).toEqual([
    { name: 'console', ok: true, detail: 'prints here' },
  ])
})
