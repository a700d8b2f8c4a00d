import { RE2JS } from 're2js'
import { messageOf, Rejected } from '../core/errors.ts'

const mostLetters = 200

/**
 * Whether a whole text matches a regular expression, in the syntax of RE2, which takes a time that grows with the length
 * of the text alone: JavaScript's own takes years for some expressions, and whoever may set a silence would stop
 * everything. Look-arounds and references back are none of it. Throws Rejected.
 */
export function expressionMatcher(text: string): (label: string) => boolean {
  if (text.length > mostLetters) throw new Rejected(`is longer than ${mostLetters} letters; write two values`)
  try {
    const expression = RE2JS.compile(text)
    return (label) => expression.matches(label)
  } catch (error) {
    throw new Rejected(`is no regular expression: ${messageOf(error).replace(/^error parsing regexp: /, '')}`)
  }
}
