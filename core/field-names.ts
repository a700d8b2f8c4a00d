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

/** Whether `before` has a field that `after` has not. */
export function losesFields(before: string, after: string): boolean {
  const kept = new Set(fieldNames(after))
  return fieldNames(before).some((name) => !kept.has(name))
}
