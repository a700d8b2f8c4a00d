import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { metricNames, metricOf } from '../../alerts/metrics.ts'

/** The page that tells of every field of every point; a test of the points holds it to them. */
const text = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
const alike = {
  coding: ['pickup', 'review', 'deploy'],
  review_time_xs: ['s', 'm', 'l'].map((size) => `review_time_${size}`),
}
/** With what it says is named alike. */
const page = Object.entries(alike).reduce(
  (whole, [name, others]) =>
    whole +
    others
      .flatMap((other) =>
        text.match(new RegExp(`\`${name}_[a-z0-9_]+\``, 'g'))!.map((field) => field.replace(name, other)),
      )
      .join(),
  text,
)
const alertsPage = readFileSync(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8')

test.each(metricNames)('%s is made of fields that points have, and is told of', (name) => {
  const { fields, n, count, samples } = metricOf(name)
  for (const field of [...Object.values(fields), n, count, samples?.field])
    if (field !== undefined) expect(page).toContain(`\`${field}\``)
  expect(alertsPage).toContain(`\`${name}\``)
})
