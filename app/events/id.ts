/** Ids as Sluice makes them: of events, of fleet actions, of what was sent again together. */
import { z } from 'zod'

const id = z.string().trim().toLowerCase().pipe(z.uuid())

/** @returns the id that a text is, in small letters; null: it is none */
export const idIn = (text: unknown): string | null => id.safeParse(text).data ?? null
