import { describe, expect, test } from 'vitest'
import { expressionMatcher } from '../../alerts/expression.ts'
import { seeded } from './seeded.ts'

/** What JavaScript says itself. */
const native = (text: string) => new RegExp(`^(?:${text})$`, 'u')

/** An expression of everything that is taken. */
function anExpression(random: () => number, depth = 3): string {
  const one = (...texts: string[]) => texts[Math.floor(random() * texts.length)]!
  const inner = () => anExpression(random, depth - 1)
  if (depth === 0 || random() < 0.3)
    return one(
      'a',
      'b',
      '-',
      '.',
      '[ab]',
      '[^a]',
      '[\\]a]',
      '\\w',
      '\\W',
      '\\d',
      '\\.',
      '\\p{L}',
      '\\x61',
      '',
      'é',
      '😀',
    )
  const kind = random()
  if (kind < 0.35) return inner() + inner()
  if (kind < 0.55)
    return `${one('(', '(?:', '(?<n>')}${inner()}|${inner()})`.replaceAll(
      '(?<n>',
      depth === 3 ? '(?<n>' : '(',
    )
  if (kind < 0.6) return one('^', '$') + inner()
  const count = one('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??', '{1,3}?', '{0}')
  return `(${inner()})${count}`
}

describe('an expression', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))('matches what JavaScript matches (%i)', (seed) => {
    const random = seeded(seed)
    const letters = ['a', 'b', '-', '.', '1', 'é', '😀', '\n']
    const texts = [
      '',
      ...Array.from({ length: 40 }, () =>
        Array.from(
          { length: 1 + random() * 6 },
          () => letters[Math.floor(random() * random() * letters.length)],
        ).join(''),
      ),
    ]
    let matching = 0
    for (let index = 0; index < 150; index += 1) {
      const text = anExpression(random)
      // A name that is there twice is no expression.
      if (text.split('(?<n>').length > 2) continue
      const matches = expressionMatcher(text)
      for (const each of texts) {
        const is = native(text).test(each)
        if (is) matching += 1
        if (matches(each) !== is) expect({ text, each, matches: !is }).toEqual({ text, each, matches: is })
      }
    }
    expect(matching).toBeGreaterThan(300)
  })

  test.each([
    ['shop-.*', 'shop-web', true],
    ['shop-.*', 'a shop-web', false],
    ['a|b', 'ab', false],
    ['(?:eu|us)-[a-z]+-\\d{1,2}', 'eu-west-12', true],
    ['[\\p{Lu}-]+', 'A-Ö', true],
    ['\\/', '/', true],
  ])('%s of %s: %s', (text, label, is) => {
    expect(expressionMatcher(text)(label)).toBe(is)
    expect(native(text).test(label)).toBe(is)
  })

  test.each([
    '(\\w+)+!',
    '(a|a)*b',
    '(a*)*b',
    '(a?){60}a{60}b',
    '.*.*.*.*.*.*.*.*b',
    '(a|aa|aaa)+b',
    '(.|a|\\w)*(.|a|\\w)*b',
  ])('%s is answered at once, for which JavaScript takes years', (text) => {
    const matches = expressionMatcher(text)
    expect(matches('a'.repeat(500))).toBe(false)
    expect(matches(`${'a'.repeat(500)}${text.at(-1)}`)).toBe(!text.includes('{60}'))
  })

  test.each([
    ['(', /^is no regular expression: missing closing \)/],
    ['(?=a)', /^is no regular expression: /],
    ['a(?<!b)', /^is no regular expression: /],
    ['(a)\\1', /^is no regular expression: invalid escape sequence/],
    ['a'.repeat(201), /^is longer than 200 letters/],
    ['(a{100}){100}', /^is no regular expression: invalid repeat count/],
    ['a{1,99999}', /^is no regular expression: invalid repeat count/],
  ])('%s is refused', (text, problem) => {
    expect(() => expressionMatcher(text)).toThrow(problem)
  })
})
