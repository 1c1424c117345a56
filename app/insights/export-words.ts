/** The words of a table that is taken away: those of the pages, in the language of who takes it. */
import type { Texts } from '../ui/i18n.ts'
import { type Sayings, sayer } from '../ui/say.ts'
import { nameOf } from '../vendors/registry.ts'
import type { ExportWords } from './export-csv.ts'

/** @param texts of the language @param sayings what is built in English, in it */
export function exportWords({ activity, settings }: Texts, sayings: Sayings): ExportWords {
  const say = sayer(sayings)
  const said = new Map<string, string>()
  return {
    columns: settings.export.columns,
    word(list, code) {
      const words: Readonly<Record<string, string>> = activity[list]
      return (Object.hasOwn(words, code) ? words[code] : undefined) ?? code
    },
    tool: nameOf,
    // Thousands of deliveries have the same sentence, and finding it among those with something filled in takes long.
    say(english) {
      const known = said.get(english) ?? say(english)
      said.set(english, known)
      return known
    },
    yes: activity.yes,
  }
}
