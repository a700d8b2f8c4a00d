import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { checkSilence, type Silence } from '../alerts/silence.ts'
import { messageOf } from '../core/errors.ts'
import { parseInstant } from '../core/instant.ts'
import { durationField, textField } from '../core/setting-fields.ts'
import { silenceJson } from '../pipeline/alert-json.ts'
import { readSilences, saveSilence } from '../pipeline/silences.ts'
import type { Routes } from './context.ts'
import { checked, Problem } from './problem.ts'

const instant = textField((text) => {
  try {
    return parseInstant(text, 'instant')
  } catch (error) {
    throw new Error(messageOf(error).replace(/^instant: /, ''), { cause: error })
  }
})

const silenceSchema = z.strictObject({
  /** Of the caller's choice, so that a silence that is sent twice is one. */
  id: z
    .string()
    .regex(/^[\w-]{1,40}$/, 'takes up to 40 letters, digits, - and _')
    .optional(),
  match: z.record(
    z.string().min(1),
    z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string()).min(1)),
  ),
  from: instant.optional(),
  for: durationField().optional(),
  until: instant.optional(),
  comment: z.string().max(1000).default(''),
  author: z.string().max(200).optional(),
})

/** Silences: listed, set, and ended. */
export const silences: Routes = (app, { pipeline: { store }, clock }) => {
  app.get('/api/v1/silences', async () => {
    const all = await readSilences(store.alerts)
    return { silences: all.filter(({ until }) => until > clock()).map(silenceJson) }
  })

  app.post('/api/v1/silences', async (request, reply) => {
    const silence = silenceOf(checked(silenceSchema, request.body), clock())
    await store.write(async () => {
      const there = await readSilences(store.alerts)
      if (there.some(({ id, until }) => id === silence.id && until > clock()))
        throw new Problem(409, `there is a silence ${silence.id} already`)
      await saveSilence(store.alerts, silence)
    })
    return reply.code(201).send(silenceJson(silence))
  })

  app.delete<{ Params: { id: string } }>('/api/v1/silences/:id', async (request, reply) => {
    const { id } = request.params
    if (!(await store.alerts.removeSilence(id))) throw new Problem(404, `there is no silence ${id}`)
    return reply.code(204).send()
  })
}

function silenceOf(body: z.output<typeof silenceSchema>, now: number): Silence {
  const { id = randomBytes(4).toString('hex'), match, from = now, comment, author } = body
  if ((body.for === undefined) === (body.until === undefined))
    throw new Problem(400, 'until: takes either for, such as 2h, or until, such as 2026-03-02T10:00:00Z')
  const until = body.until ?? from + body.for!
  const silence = {
    id,
    match,
    from,
    until,
    comment,
    ...(author === undefined ? {} : { author }),
    createdAt: now,
  }
  try {
    checkSilence(silence, now)
  } catch (error) {
    throw new Problem(400, messageOf(error))
  }
  return silence
}
