/** The kinds of data-quality finding that the definitions name; others are an implementation's own. */
export const namedFindings = [
  'baseline_unresolved',
  'no_commits',
  'paths_unknown',
  'phase_out_of_order',
  'negative_lead_time',
  'recovery_unknown',
  'negative_recovery',
  'cause_not_found',
] as const

/**
 * Everything in which two whole reports differ, each difference with its path: numbers to 1e-9 relative, lists
 * in order, keys that only one of them has, and the data quality as a set of kind, service, environment and
 * subject, of the kinds that the definitions name. Empty: they are the same.
 */
export function differences(expected: unknown, actual: unknown): string[] {
  if (!isObject(expected) || !isObject(actual)) return compare(expected, actual, '')
  const { dataQuality: expectedFindings, ...expectedRest } = expected
  const { dataQuality: actualFindings, ...actualRest } = actual
  return [
    ...compare(expectedRest, actualRest, ''),
    ...compareFindings(findingKeys(expectedFindings), findingKeys(actualFindings)),
  ]
}

function compare(expected: unknown, actual: unknown, path: string): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const size = Math.max(Math.abs(expected), Math.abs(actual))
    // The bounds of an interval around nothing are zero but for what the last digit loses.
    const same = Math.abs(expected - actual) <= Math.max(1e-9 * size, 1e-12)
    return same ? [] : [told(path, expected, actual)]
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length)
    return Array.from({ length }).flatMap((_, position) => {
      const [one, other]: unknown[] = [expected[position], actual[position]]
      return compare(one, other, `${path}[${nameOf(one ?? other) || String(position)}]`)
    })
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...keys].flatMap((key) =>
      compare(expected[key], actual[key], path === '' ? key : `${path}.${key}`),
    )
  }
  return expected === actual ? [] : [told(path, expected, actual)]
}

function compareFindings(expected: Set<string>, actual: Set<string>): string[] {
  return [
    ...[...expected].filter((key) => !actual.has(key)).map((key) => `dataQuality: ${key} is missing`),
    ...[...actual]
      .filter((key) => !expected.has(key))
      .map((key) => `dataQuality: ${key} should not be there`),
  ]
}

function findingKeys(findings: unknown): Set<string> {
  if (!Array.isArray(findings)) return new Set(['(no list)'])
  const keys = new Set<string>()
  for (const finding of findings) {
    if (!isObject(finding)) keys.add(JSON.stringify(finding))
    else if (namedFindings.some((kind) => kind === finding['kind'])) {
      const { kind, service, environment, subject } = finding
      keys.add(JSON.stringify({ kind, service, environment: environment ?? null, subject }))
    }
  }
  return keys
}

function nameOf(value: unknown): string {
  if (!isObject(value)) return ''
  const names = [
    value['service'],
    value['environment'],
    value['service'] === undefined ? value['team'] : undefined,
  ]
  return names.filter((name) => typeof name === 'string').join(' ')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function told(path: string, expected: unknown, actual: unknown): string {
  return `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
}
