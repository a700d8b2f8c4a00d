import { afterEach, describe, expect, test } from 'vitest'
import { channels } from '../../../alerts/channels.ts'
import { RateLimited, Refused, Unavailable } from '../../../core/errors.ts'
import { cases } from './cases.ts'
import type { Fault, Rig } from './channel-case.ts'
import { expectGolden } from './golden.ts'
import { failure } from '../../noting-io.ts'
import { flood, goldenMessages, ioOf, message, named, nastyNames, resolved } from './samples.ts'

let rig: Rig | undefined
afterEach(async () => {
  await rig?.close()
  rig = undefined
})

test('every kind that a configuration may name is among the cases', () => {
  const tried = new Set(cases.map(({ name }) => name.split(' ')[0]))
  expect(tried).toEqual(new Set(channels.map(({ kind }) => kind)))
})

/** What the vendors take in a minute. */
const leastPauses: Readonly<Record<string, number>> = {
  'slack (incoming webhook)': 1000,
  'slack (bot)': 1200,
  teams: 500,
  pagerduty: 500,
}

describe.each(cases)('$name', ({ name, start, secrets, forbidden, limitMs, remedy }) => {
  async function started(fault?: Fault): Promise<Rig> {
    rig = await start(fault)
    return rig
  }

  test('has the name that it is configured under', async () => {
    expect((await started()).notifier.name).toBe('ops')
  })

  test('asks for the pause that its limit needs', async () => {
    const { notifier } = await started()
    expect(notifier.pauseMs?.(message()) ?? 0).toBeGreaterThanOrEqual(leastPauses[name] ?? 0)
  })

  test.each(Object.entries(goldenMessages))('says %s as the golden file does', async (which, told) => {
    const { notifier, taken, complaints } = await started()
    await notifier.send(told, ioOf())
    expect(complaints).toEqual([])
    expectGolden(`${name.replaceAll(/\W+/g, '-').replace(/-$/, '')}-${which}`, taken)
  })

  test('resolves what fired, with the receipt of it', async () => {
    const { notifier, taken, complaints } = await started()
    const receipt = await notifier.send(message(), ioOf())
    const before = taken.length
    await notifier.send(resolved(), ioOf(), receipt)
    expect(complaints).toEqual([])
    expect(taken.length).toBeGreaterThan(before)
    expect(JSON.stringify(taken.slice(before)).toLowerCase()).toContain('resolve')
  })

  test('takes a receipt that is not its own for none', async () => {
    const { notifier, complaints } = await started()
    for (const strange of ['', 'null', '{"channel":1}', '<x@y>\r\nBcc: z@example.com', '["a"]'])
      await notifier.send(message(), ioOf(), strange)
    expect(complaints).toEqual([])
  })

  test.each(nastyNames)('takes %j literally', async (nasty) => {
    const { notifier, taken, complaints } = await started()
    await notifier.send(named(nasty), ioOf())
    expect(complaints).toEqual([])
    const said = JSON.stringify(taken)
    for (const markup of forbidden) expect(said).not.toContain(markup)
    expect(said).not.toContain('javascript:')
  })

  test.each([
    ['letters', 'x'],
    ['what is escaped', '&<_*'],
    ['surrogate pairs', '🚒'],
  ])('cuts names of 10,000 %s to what is taken', async (_, unit) => {
    const { notifier, taken, complaints } = await started()
    await notifier.send(named(unit.repeat(10_000)), ioOf())
    expect(complaints).toEqual([])
    expect(taken.length).toBeGreaterThan(0)
  })

  test('takes 200 alerts in one message', async () => {
    const { notifier, taken, complaints } = await started()
    await notifier.send(flood(), ioOf())
    expect(complaints).toEqual([])
    expect(JSON.stringify(taken)).toContain('service-0')
  })

  test.each<[Fault, new (...given: never[]) => Error]>([
    ['failing', Unavailable],
    ['refusing', Refused],
    ...(limitMs === undefined ? [] : ([['limited', RateLimited] satisfies [Fault, unknown]] as const)),
  ])('tells %s by remedy, once, and without a secret', async (fault, kind) => {
    const { notifier } = await started(fault)
    const io = ioOf()
    const error = await failure(notifier.send(message(), io))
    expect(error).toBeInstanceOf(kind)
    if (fault === 'limited') expect(error).toHaveProperty('retryAfterMs', limitMs)
    if (fault === 'refusing') expect(error.message).toMatch(remedy)
    expect(error.message).not.toContain('\n')
    const shown = [error.message, String(error.stack), ...io.logged].join('\n')
    for (const secret of secrets) expect(shown).not.toContain(secret)
  })

  test('says that it cannot be reached', async () => {
    const { notifier, close } = await started()
    await close()
    rig = undefined
    const error = await failure(notifier.send(message(), ioOf()))
    expect(error).toBeInstanceOf(Unavailable)
    for (const secret of secrets) expect(error.message).not.toContain(secret)
  })

  test.each([undefined, 'failing', 'refusing'] as const)('is checked without a throw (%s)', async (fault) => {
    const { notifier } = await started(fault)
    const checks = await notifier.check(ioOf())
    expect(checks.length).toBeGreaterThan(0)
    for (const secret of secrets) expect(JSON.stringify(checks)).not.toContain(secret)
  })
})
