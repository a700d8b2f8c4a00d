import picomatch from 'picomatch'

const environmentMatchers = new Map<string, (environment: string) => boolean>()

/**
 * Whether an environment is one of those named: exactly, or by a regular expression between slashes that has
 * to match the whole name. Throws SyntaxError where an expression is wrong.
 */
export function environmentMatcher(patterns: readonly string[]): (environment: string) => boolean {
  const key = patterns.join('\n')
  let matcher = environmentMatchers.get(key)
  if (!matcher) {
    const exact = new Set(patterns.filter((pattern) => !isExpression(pattern)))
    const expressions = patterns
      .filter(isExpression)
      .map((pattern) => new RegExp(`^(?:${pattern.slice(1, -1)})$`, 'u'))
    const answers = new Map<string, boolean>()
    matcher = (environment) => {
      let answer = answers.get(environment)
      if (answer === undefined) {
        answer = exact.has(environment) || expressions.some((expression) => expression.test(environment))
        answers.set(environment, answer)
      }
      return answer
    }
    environmentMatchers.set(key, matcher)
  }
  return matcher
}

function isExpression(pattern: string): boolean {
  return pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')
}

/** Whether one of the paths matches one of the globs: `*` within a segment, `**` across. */
export function pathMatcher(globs: readonly string[]): (paths: readonly string[]) => boolean {
  // Only `*` and `**` are special: brackets and braces are letters of many frameworks' paths.
  const matches = picomatch([...globs], {
    dot: true,
    nobracket: true,
    nobrace: true,
    noext: true,
    nonegate: true,
  })
  return (paths) => paths.some((path) => matches(path))
}
