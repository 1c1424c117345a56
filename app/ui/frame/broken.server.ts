import { languageAsked } from '../languages.ts'
import { TEXTS } from '../texts.server.ts'
import type { BrokenTexts } from './broken.ts'

/** In the language of the address, or else of whoever asks: of the shop's nothing is known. */
export function brokenTexts(request: Request): BrokenTexts {
  const language = languageAsked(request, null)
  return { language, ...TEXTS[language].frame.broken }
}
