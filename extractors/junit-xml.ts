import { TextDecoder } from 'node:util'
import sax from 'sax'
import { Rejected } from '../core/errors.ts'

/** What a document's elements are told to. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void
  close(name: string): void
}

/** What a parser holds of one attribute, at most: a whole assertion may stand in a message. */
const longestAttribute = 1024

/**
 * Reads an XML document piece by piece, in whatever encoding it says. Nothing of its text is kept. Entities are those of
 * XML and characters by number: a document that defines its own is refused where it uses them, and nothing is fetched.
 * @throws Rejected with the line where it is not well-formed, or ends too early.
 */
export async function readXml(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  handlers: XmlHandlers,
): Promise<void> {
  const parser = sax.parser(true, { trim: false, normalize: false })
  let failure: Rejected | undefined
  parser.onopentag = ({ name, attributes }) =>
    handlers.open(localName(name), attributes as Record<string, string>)
  parser.onclosetag = (name) => handlers.close(localName(name))
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
  parser.onerror = (error) => {
    const reason = error.message.split('\n', 1)[0]!
    const held = parser as unknown as { attribValue: string; entity: string; error: unknown }
    // Past 64 KiB the parser asks whether to go on. An attribute of that length is no name.
    const isLong = reason === 'Max buffer length exceeded: attribValue'
    if (isLong) held.attribValue = held.attribValue.slice(0, longestAttribute)
    // Terminals are sent characters that XML has not (&#27;): many producers write them all the same.
    if (isLong || (reason === 'Invalid character entity' && held.entity.startsWith('#'))) {
      held.error = null
      return
    }
    failure ??= new Rejected(
      `${path}:${parser.line + 1}: is no XML that can be read: ${reason.toLowerCase()}`,
    )
  }
  const write = (text: string) => {
    if (text !== '') parser.write(text)
    if (failure) throw failure
  }
  let decoder: TextDecoder | undefined
  let head = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (!decoder) {
      head = Buffer.concat([head, chunk])
      // Before that nobody can tell the encoding.
      if (head.length < 256) continue
      decoder = decoderOf(head, path)
      write(decoder.decode(head, { stream: true }))
    } else write(decoder.decode(chunk, { stream: true }))
  }
  if (!decoder) {
    decoder = decoderOf(head, path)
    write(decoder.decode(head, { stream: true }))
  }
  write(decoder.decode())
  if (parser.tag === null && !hasRoot(parser)) throw new Rejected(`${path}: is empty or has no root element`)
  try {
    parser.close()
  } catch (error) {
    failure ??= new Rejected(`${path}: is cut off: ${String(error)}`)
  }
  if (failure) throw failure
}

function hasRoot(parser: object): boolean {
  return (parser as { sawRoot?: boolean }).sawRoot === true
}

/** `junit:testsuite`: what a producer prefixes means the same. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** By the byte order mark, else by the declaration, else UTF-8. */
function decoderOf(head: Buffer, path: string): TextDecoder {
  const label = encodingOf(head)
  try {
    return new TextDecoder(label)
  } catch {
    throw new Rejected(`${path}: nobody knows its encoding ${label}; write it in UTF-8`)
  }
}

function encodingOf(head: Buffer): string {
  const [first, second, third] = head
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0x3c && second === 0) return 'utf-16le'
  if (first === 0 && second === 0x3c) return 'utf-16be'
  const declaration = head.subarray(0, 256).toString('latin1')
  return /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(declaration)?.[1] ?? 'utf-8'
}
