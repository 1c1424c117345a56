/** A merchant connects a tool; in the support console, in the command line and in code it is a vendor. */
export function vendorWords(sentence: string): string {
  return sentence.replaceAll(
    /(?<!\{)\b([Tt])ool(s?)\b/g,
    (_word, first, many) => `${first === 'T' ? 'V' : 'v'}endor${many}`,
  )
}
