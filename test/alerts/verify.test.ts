import { expect, test } from 'vitest'
import { trialSchema } from '../../alerts/verify-file.ts'
import { verify } from '../../alerts/verify.ts'

const rule = { name: 'fails', metric: 'changeFailRate', above: '15%', test: 'naive' }
const shop = { metric: 'changeFailRate', service: 'shop' }

async function failuresOf(file: object) {
  const trial = trialSchema.parse({ rules: [rule], ...file })
  return verify(trial, trial.rules as never)
}

/** At which of these hours the rule fires. */
async function hoursFiring(file: object, hours: number): Promise<number[]> {
  const tests = Array.from({ length: hours }, (_, hour) => ({ at: `${hour}h`, alerts: [] }))
  return (await failuresOf({ ...file, tests }))
    .filter(({ unexpected }) => unexpected.some(({ state }) => state === 'firing'))
    .map(({ atMs }) => atMs / 3_600_000)
}

test('fires when the values say so, for as long as the rule says', async () => {
  const series = [{ ...shop, values: '1/20 5/20x3 1/20x5' }]
  expect(await hoursFiring({ series }, 9)).toEqual([1, 2, 3])
  const slow = [{ ...rule, for: '2h', keepFiringFor: '2h' }]
  expect(await hoursFiring({ rules: slow, series }, 9)).toEqual([3, 4, 5])
})

test('tells what is missing and what nobody expected, and says nothing of what is as it should be', async () => {
  const series = [{ ...shop, team: 'web', values: '5/20' }]
  const at = (alerts: object[]) => failuresOf({ series, tests: [{ at: '0h', alerts }] })
  expect(await at([{ rule: 'fails', labels: { team: 'web' }, severity: 'warning' }])).toEqual([])
  const text = 'changeFailRate of shop is 25 % (threshold 15 %, n 20)'
  expect(await at([{ rule: 'fails', summary: text }])).toEqual([])
  const found = { rule: 'fails', state: 'firing', severity: 'warning', summary: text }
  for (const wrong of [
    { state: 'pending' },
    { severity: 'critical' },
    { labels: { team: 'core' } },
    { summary: 'no' },
  ])
    expect(await at([{ rule: 'fails', ...wrong }])).toMatchObject([
      { test: 0, missing: [wrong], unexpected: [found] },
    ])
  expect(await at([{ rule: 'fails' }, { rule: 'fails' }])).toMatchObject([{ missing: [{}], unexpected: [] }])
  expect(await at([])).toMatchObject([{ missing: [], unexpected: [found] }])
})

test('an expectation that says less leaves the alert to the one that says more', async () => {
  const series = [
    { ...shop, values: '5/20' },
    { ...shop, service: 'blog', values: '5/20' },
  ]
  const alerts = [{ rule: 'fails' }, { rule: 'fails', labels: { service: 'blog' } }]
  for (const order of [alerts, alerts.toReversed()])
    expect(await failuresOf({ series, tests: [{ at: '0h', alerts: order }] })).toEqual([])
})

test('numbers of one service are one point, and what has no point or no number changes nothing', async () => {
  const both = [
    { ...shop, values: '5/20 _ held 1/20' },
    { metric: 'reworkRate', service: 'shop', values: '1/20x4' },
  ]
  const rules = [rule, { ...rule, name: 'rework', metric: 'reworkRate' }]
  expect(await hoursFiring({ rules, series: both }, 4)).toEqual([0, 1, 2])
})

test('compares with one window before in the same series', async () => {
  const compared = { ...rule, window: '7d', comparedWith: 'previous', above: '150%' }
  const series = [{ ...shop, window: '7d', values: '2/20x7 3/20 2/20x6 5/20 4/20' }]
  const tests = [
    { at: '7d', alerts: [] },
    // 25 % beside 15 %, and 20 % beside 10 %.
    { at: '14d', alerts: [{ rule: 'fails' }] },
    { at: '15d', alerts: [{ rule: 'fails' }] },
  ]
  expect(await failuresOf({ rules: [compared], interval: '1d', series, tests })).toEqual([])
})

test('tests a percentile on the samples of both windows, where there are some', async () => {
  const { test: _, ...significant } = rule
  const rules = [
    { ...significant, metric: 'leadTime', window: '7d', comparedWith: 'previous', above: '150%' },
  ]
  const series = [{ metric: 'leadTime', service: 'shop', window: '7d', n: 28, values: '2hx8 4hx7' }]
  const at = (alerts: object[], samples: object[]) =>
    failuresOf({ rules, interval: '1d', series, samples, tests: [{ at: '14d', alerts }] })
  const of = (values: string) => [{ metric: 'leadTime', service: 'shop', every: '6h', values }]
  expect(await at([{ rule: 'fails' }], [])).toEqual([])
  // As long as before, whatever the median says: 28 samples a week.
  expect(await at([], of('2hx56'))).toEqual([])
  expect(await at([{ rule: 'fails' }], of('2hx28 4hx28'))).toEqual([])
})

test.each([
  [{ series: [{ ...shop, values: '12%' }] }, 'of how many is that? Write n: 20, or fractions such as 5/40'],
  [{ series: [{ ...shop, values: '5/4' }] }, '5/4: 5 of 4 is no share'],
  [
    {
      series: [
        { ...shop, values: '1/4' },
        { ...shop, values: '1/4' },
      ],
    },
    'is the same series as series[0]',
  ],
  [
    {
      series: [
        { ...shop, values: '1/4x2' },
        { metric: 'reworkRate', service: 'shop', values: '1/4 1/5' },
      ],
    },
    'value 2 is of 5 and in series[0] 4: both count the same',
  ],
  [
    { series: [{ metric: 'sourceLag', values: '1h' }] },
    'sourceLag is of a source or sink; write source: github',
  ],
  [
    { series: [{ metric: 'openFailures', service: 'shop', window: '7d', values: '1' }] },
    'openFailures has no window',
  ],
  [{ tests: [{ at: '90m', alerts: [] }] }, 'is no multiple of interval: nothing is evaluated then'],
  [{ tests: [{ at: '1h', rule: 'a', alerts: [{ rule: 'b' }] }] }, 'only alerts of a are looked at here'],
  [
    { samples: [{ metric: 'openFailures', service: 'shop', values: '1' }] },
    'openFailures is not made of samples',
  ],
])('%o is refused', (file, message) => {
  const whole = { series: [{ ...shop, values: '1/4' }], tests: [{ at: '0h', alerts: [] }], ...file }
  const { success, error } = trialSchema.safeParse(whole)
  expect(success).toBe(false)
  expect(error!.issues.map((issue) => issue.message)).toContain(message)
})
