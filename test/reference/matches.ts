type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

/**
 * What of `expected` (part of a report) does not hold in `actual`: numbers to 1e-6 relative, null is null, a
 * key that is not named is not checked; services are found by name and environment, teams by name, and each
 * data-quality entry that is named must be among those listed. Empty: all of it holds.
 */
export function mismatches(expected: unknown, actual: unknown): string[] {
  return compare(expected, actual, '')
}

function compare(expected: unknown, actual: unknown, path: string): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const tolerance = 1e-6 * Math.max(Math.abs(expected), Math.abs(actual))
    return Math.abs(expected - actual) <= tolerance ? [] : [told(path, expected, actual)]
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [told(path, expected, actual)]
    const found: unknown[] = actual
    return expected.flatMap((wanted: unknown, position) => {
      const where = `${path}[${name(wanted) || String(position)}]`
      if (path === '.dataQuality') {
        const listed = found.some((entry) => compare(wanted, entry, '').length === 0)
        return listed ? [] : [`${where}: ${JSON.stringify(wanted)} is not listed in ${JSON.stringify(found)}`]
      }
      const entry = name(wanted) === '' ? found[position] : found.find((one) => isNamed(one, wanted))
      return compare(wanted, entry, where)
    })
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [told(path, expected, actual)]
    return Object.keys(expected).flatMap((key) => compare(expected[key], actual[key], `${path}.${key}`))
  }
  return expected === actual ? [] : [told(path, expected, actual)]
}

const naming = ['service', 'environment', 'team']

function name(value: unknown): string {
  if (!isObject(value)) return ''
  return naming.flatMap((key) => (typeof value[key] === 'string' ? [value[key]] : [])).join(' ')
}

/** Whether it carries every name that `wanted` gives. */
function isNamed(value: unknown, wanted: unknown): boolean {
  if (!isObject(value) || !isObject(wanted)) return false
  return naming.every((key) => wanted[key] === undefined || wanted[key] === value[key])
}

function isObject(value: unknown): value is { [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function told(path: string, expected: unknown, actual: unknown): string {
  return `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
}
