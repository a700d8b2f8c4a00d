import { messageOf, Rejected } from '../core/errors.ts'

/** What an expression is made of. */
type Part =
  | { kind: 'one'; accepts: (letter: string) => boolean }
  | { kind: 'edge'; edge: Edge }
  | { kind: 'sequence'; parts: readonly Part[] }
  | { kind: 'either'; ways: readonly Part[] }
  | { kind: 'repeat'; part: Part; least: number; most: number }

type Edge = 'start' | 'end'

/** Where a match may stand: before a letter, at an edge, or before several ways to go on. */
type State =
  | { kind: 'letter'; accepts: (letter: string) => boolean; next: number }
  | { kind: 'edge'; edge: Edge; next: number }
  | { kind: 'ways'; next: number[] }
  | { kind: 'done' }

const mostLetters = 200
const mostStates = 500

/**
 * Whether a whole text matches a regular expression, as JavaScript reads it with the flag u. Every way to match is followed
 * at once and none is tried again, so that it takes a time that grows with the length of the text alone: JavaScript's own
 * takes years for some expressions, and whoever may set a silence would stop everything. What cannot be told in that way
 * (look-arounds, references back, the edges of words) is refused. Throws Rejected.
 */
export function expressionMatcher(text: string): (label: string) => boolean {
  if (text.length > mostLetters) throw new Rejected(`is longer than ${mostLetters} letters; write two values`)
  try {
    void new RegExp(text, 'u')
  } catch (error) {
    throw new Rejected(`is no regular expression: ${messageOf(error).replace(/^.*\/u?: /, '')}`)
  }
  const { states, first } = statesOf(partsOf(text))
  return (label) => isMatch(states, first, Array.from(label))
}

const letterPattern =
  /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u.{4}|\\x..|\\c.|\\.|\[(?:\\.|[^\]\\])*\]|./suy
const countPattern = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/uy
const groupPattern = /\((?:\?:|\?<(?![=!])[^>]*>|(?!\?))/uy

/** Of an expression that JavaScript takes. */
function partsOf(text: string): Part {
  let at = 0
  const whole = either()
  return whole

  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at = pattern.lastIndex
    return found ?? undefined
  }

  function either(): Part {
    const ways = [sequence()]
    while (text[at] === '|') {
      at += 1
      ways.push(sequence())
    }
    return { kind: 'either', ways }
  }

  function sequence(): Part {
    const parts: Part[] = []
    while (at < text.length && text[at] !== '|' && text[at] !== ')') parts.push(counted(single()))
    return { kind: 'sequence', parts }
  }

  function single(): Part {
    if (text[at] === '(') {
      if (!take(groupPattern)) throw new Rejected('looks ahead or behind, or sets flags; write it without')
      const part = either()
      at += 1
      return part
    }
    const [letter] = take(letterPattern)!
    if (letter === '^' || letter === '$') return { kind: 'edge', edge: letter === '^' ? 'start' : 'end' }
    if (/^\\[bBk1-9]/.test(letter))
      throw new Rejected(`has ${letter}, which refers to what is around it; write it without`)
    if (!/^[\\[.]/.test(letter)) return { kind: 'one', accepts: (other) => other === letter }
    const one = new RegExp(`^${letter}$`, 'u')
    return { kind: 'one', accepts: (other) => one.test(other) }
  }

  function counted(part: Part): Part {
    const [, sign, least, comma, most] = take(countPattern) ?? []
    if (sign !== undefined)
      return { kind: 'repeat', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    if (least === undefined) return part
    const upTo = comma === '' ? Number(least) : most === '' ? Infinity : Number(most)
    return { kind: 'repeat', part, least: Number(least), most: upTo }
  }
}

/** The first state of an expression, and all of them; each part leads to what comes after it. */
function statesOf(whole: Part): { states: State[]; first: number } {
  const states: State[] = [{ kind: 'done' }]
  let steps = 0
  return { first: before(whole, 0), states }

  function add(state: State): number {
    states.push(state)
    return states.length - 1
  }

  function before(part: Part, next: number): number {
    steps += 1
    if (steps > mostStates) throw new Rejected('repeats too much; write smaller numbers in {}')
    switch (part.kind) {
      case 'one':
        return add({ kind: 'letter', accepts: part.accepts, next })
      case 'edge':
        return add({ kind: 'edge', edge: part.edge, next })
      case 'sequence':
        return part.parts.reduceRight((after, each) => before(each, after), next)
      case 'either':
        return add({ kind: 'ways', next: part.ways.map((way) => before(way, next)) })
      case 'repeat':
        return repeated(part, next)
    }
  }

  function repeated({ part, least, most }: Extract<Part, { kind: 'repeat' }>, next: number): number {
    let after = next
    if (most === Infinity) {
      const ways = [next]
      after = add({ kind: 'ways', next: ways })
      ways.push(before(part, after))
    } else {
      for (let times = least; times < most; times += 1)
        after = add({ kind: 'ways', next: [next, before(part, after)] })
    }
    for (let times = 0; times < least; times += 1) after = before(part, after)
    return after
  }
}

function isMatch(states: readonly State[], first: number, letters: readonly string[]): boolean {
  /** The position after which a state was come to last, counted from 1. */
  const reachedAt = new Int32Array(states.length)
  let present = reached([first], 0)
  for (const [index, letter] of letters.entries()) {
    const next: number[] = []
    for (const { accepts, next: after } of present) if (accepts(letter)) next.push(after)
    if (next.length === 0) return false
    present = reached(next, index + 1)
  }
  return reachedAt[0] === letters.length + 1

  /** The letters that may come next, of all states that are come to without one. */
  function reached(from: number[], position: number): Extract<State, { kind: 'letter' }>[] {
    const awaited: Extract<State, { kind: 'letter' }>[] = []
    for (let each = from.pop(); each !== undefined; each = from.pop()) {
      if (reachedAt[each] === position + 1) continue
      reachedAt[each] = position + 1
      const state = states[each]!
      if (state.kind === 'letter') awaited.push(state)
      if (state.kind === 'ways') from.push(...state.next)
      if (state.kind === 'edge' && position === (state.edge === 'start' ? 0 : letters.length))
        from.push(state.next)
    }
    return awaited
  }
}
