/** What stands behind the whole number, by thousandths. */
const thousandths = Array.from({ length: 1000 }, (_, count) =>
  count === 0 ? '' : `.${String(count).padStart(3, '0')}`.replace(/0+$/, ''),
)

/**
 * The same text as String(value). Durations are mostly whole milliseconds, and put together from their digits they are
 * written twice as fast as the shortest digits of any number are found.
 */
export function decimalText(value: number): string {
  const scaled = Math.round(value * 1000)
  // Up to there a number of thousandths is the only one that reads back as the value.
  if (scaled / 1000 !== value || scaled <= 0 || scaled >= 2 ** 31) return String(value)
  const whole = Math.floor(scaled / 1000)
  return `${whole}${thousandths[scaled - whole * 1000]}`
}
