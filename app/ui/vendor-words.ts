/** A merchant connects a tool; in the support console, in the command line and in code it is a vendor. */
export function vendorWords(sentence: string): string {
  return sentence.replaceAll(
    /(?<!\{)\b([Tt])ool(s?)\b/g,
    (_word, first, many) => `${first === 'T' ? 'V' : 'v'}endor${many}`,
  )
}

/** After a first colon or bracket a stored sentence quotes, up to what is ours again. */
const QUOTING = /^(.*?)(?:( \(|: )(.*?)(\. Check them in the tool’s settings\.)?)?$/s

/** The same of a sentence that is stored and may quote a vendor or name a field: those words stay as they are. */
export function vendorWordsAround(stored: string): string {
  const [, before = '', mark = '', quoted = '', after = ''] = QUOTING.exec(stored) ?? []
  return vendorWords(before) + mark + quoted + vendorWords(after)
}
