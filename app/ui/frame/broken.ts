/** What is said where not even a frame can be shown: the page then has no texts but these. */
import { createContext } from 'react'
import type { Texts } from '../i18n.ts'
import type { Language } from '../languages.ts'

export type BrokenTexts = Texts['frame']['broken'] & { language: Language }

/** On the server; in a browser the root's loader has given them before. */
export const Broken = createContext<BrokenTexts | null>(null)
