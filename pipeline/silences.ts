import type { Silence } from '../alerts/silence.ts'
import type { AlertStore } from '../store/alert-store.ts'
import type { Store } from '../store/store.ts'

export type SilenceStore = Pick<AlertStore, 'silences' | 'setSilence' | 'removeSilence'>

export async function readSilences(store: SilenceStore): Promise<Silence[]> {
  return (await store.silences()).map(({ body }) => JSON.parse(body) as Silence)
}

export async function saveSilence(store: SilenceStore, silence: Silence): Promise<void> {
  await store.setSilence({ key: silence.id, body: JSON.stringify(silence) })
}

/** Silences that have ended say nothing any more. One that is set anew meanwhile stays. */
export async function forgetSilences(
  store: { write: Store['write']; alerts: SilenceStore },
  now: number,
): Promise<void> {
  const isOver = ({ until }: Silence) => until <= now
  // Mostly there is none, and nothing to write.
  if (!(await readSilences(store.alerts)).some(isOver)) return
  await store.write(async () => {
    for (const silence of await readSilences(store.alerts))
      if (isOver(silence)) await store.alerts.removeSilence(silence.id)
  })
}
