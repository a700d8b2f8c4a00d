/** The names of the fields in line protocol, as they are written (escapes kept). */
export function fieldNames(fields: string): string[] {
  const names: string[] = []
  let start = 0
  let quoted = false
  for (let index = 0; index < fields.length; index += 1) {
    const letter = fields[index]
    if (letter === '\\') index += 1
    else if (letter === '"') quoted = !quoted
    else if (!quoted && letter === '=' && start >= 0) {
      names.push(fields.slice(start, index))
      start = -1
    } else if (!quoted && letter === ',') start = index + 1
  }
  return names
}

/** The fields of line protocol by name, values as they are written. */
export function fieldTexts(fields: string): Map<string, string> {
  const texts = new Map<string, string>()
  let start = 0
  let name = ''
  let quoted = false
  for (let index = 0; index <= fields.length; index += 1) {
    const letter = fields[index]
    if (letter === '\\') index += 1
    else if (letter === '"') quoted = !quoted
    else if (!quoted && letter === '=') {
      name = fields.slice(start, index)
      start = index + 1
    } else if (letter === undefined || (!quoted && letter === ',')) {
      if (name !== '') texts.set(name, fields.slice(start, index))
      name = ''
      start = index + 1
    }
  }
  return texts
}

/** The value of one field of line protocol as it is written, without reading the others; undefined where it is none. */
export function fieldText(fields: string, name: string): string | undefined {
  // An escaped letter may be a quote or a comma: then it is read letter by letter.
  if (fields.includes('\\')) return fieldTexts(fields).get(name)
  const found = positionOf(fields, `${name}=`)
  if (found === undefined) return undefined
  const start = found + name.length + 1
  const end = fields[start] === '"' ? fields.indexOf('"', start + 1) + 1 : fields.indexOf(',', start)
  return fields.slice(start, end === -1 ? undefined : end)
}

/** Where a field begins: at the start or behind a comma, and outside of every text. */
function positionOf(fields: string, sought: string): number | undefined {
  if (fields.startsWith(sought)) return 0
  const behindComma = `,${sought}`
  for (let at = fields.indexOf(behindComma); at !== -1; at = fields.indexOf(behindComma, at + 1)) {
    if (!isQuoted(fields, at)) return at + 1
  }
  return undefined
}

function isQuoted(fields: string, position: number): boolean {
  let quoted = false
  for (let at = fields.indexOf('"'); at !== -1 && at < position; at = fields.indexOf('"', at + 1))
    quoted = !quoted
  return quoted
}

/** Whether `before` has a field that `after` has not. */
export function losesFields(before: string, after: string): boolean {
  const kept = new Set(fieldNames(after))
  return fieldNames(before).some((name) => !kept.has(name))
}
