import type { Rule } from './rule.ts'

const short = (number: number) => String(Number(number.toPrecision(3)))

/** Of a rule with a budget: how fast it burns, and what of it is left, by the deployments of the window. */
export function burnOf(
  { metric, comparison }: Pick<Rule, 'metric' | 'comparison'>,
  { value, n }: { value: number | undefined; n: number | undefined },
): { name: string; text: string }[] {
  if (comparison?.kind !== 'budget' || value === undefined || n === undefined) return []
  const { rate } = comparison
  const count = Math.round(value * n)
  // A whole number, but for what the last digit of a product loses.
  const may = Math.floor(rate * n + 1e-9)
  const what = metric === 'reworkRate' ? 'were rework' : 'failed'
  const left = count >= may ? 'nothing' : String(may - count)
  return [
    { name: 'Burn', text: `${short(value / rate)}x of a budget of ${short(100 * rate)} %` },
    { name: 'Budget left', text: `${left}: ${count} of ${n} ${what}, ${may} may` },
  ]
}
