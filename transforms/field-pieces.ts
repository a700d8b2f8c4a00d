import { ascii } from './ascii-line.ts'
import { mostCount, type Rate } from './measures.ts'

/** Pieces of a line that come again and again: of each value they are made once. */

/** A float in full. */
export function floatPieces(name: string, before = ','): (value: number) => Uint8Array {
  const pieces = new Map<number, Uint8Array>()
  return (value) => {
    let piece = pieces.get(value)
    if (piece === undefined) pieces.set(value, (piece = ascii(`${before}${name}=${value}`)))
    return piece
  }
}

const nothing = ascii('')

/** A rate with its interval and what follows from it: the same for the same counts. */
export function ratePieces(
  name: string,
  behind: (value: number) => string = () => '',
): (count: number, of: number, rate: Rate) => Uint8Array {
  const pieces = new Map<number, Uint8Array>()
  return (count, of, { value, low, high }) => {
    if (value === null) return nothing
    const key = of * mostCount + count
    let piece = pieces.get(key)
    if (piece === undefined) {
      piece = ascii(`,${name}=${value},${name}_low=${low},${name}_high=${high}${behind(value)}`)
      pieces.set(key, piece)
    }
    return piece
  }
}
