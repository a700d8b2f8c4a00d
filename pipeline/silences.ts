import type { Silence } from '../alerts/silence.ts'
import type { AlertStore } from '../store/store.ts'

export type SilenceStore = Pick<AlertStore, 'silences' | 'setSilence' | 'removeSilence'>

export async function readSilences(store: SilenceStore): Promise<Silence[]> {
  return (await store.silences()).map(({ body }) => JSON.parse(body) as Silence)
}

export async function saveSilence(store: SilenceStore, silence: Silence): Promise<void> {
  await store.setSilence({ key: silence.id, body: JSON.stringify(silence) })
}

/** Silences that have ended say nothing any more. */
export async function forgetSilences(store: SilenceStore, now: number): Promise<void> {
  for (const { id, until } of await readSilences(store)) if (until <= now) await store.removeSilence(id)
}
